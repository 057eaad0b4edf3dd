#include "core/log_queue.hpp"

#include <condition_variable>
#include <stdexcept>
#include <vector>

#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace std::chrono_literals;

namespace {

// A sink that keeps what it is given, and can be made to wait.
class keeper {
public:
    log_sink sink() {
        return [this](const log_record& record) {
            std::unique_lock hold{lock_};
            entered_ = true;
            changed_.notify_all();
            changed_.wait(hold, [this] { return !held_back_; });
            records_.push_back(record);
        };
    }
    void hold_back(bool on) {
        const std::lock_guard hold{lock_};
        held_back_ = on;
        changed_.notify_all();
    }
    void wait_until_entered() {
        std::unique_lock hold{lock_};
        changed_.wait(hold, [this] { return entered_; });
    }
    std::vector<log_record> records() {
        const std::lock_guard hold{lock_};
        return records_;
    }

private:
    std::mutex lock_;
    std::condition_variable changed_;
    bool held_back_ = false;
    bool entered_ = false;
    std::vector<log_record> records_;
};

class running {
public:
    explicit running(log_sink sink, log_level from = log_level::debug)
        : queue{std::make_shared<log_queue>(std::move(sink), from)}, thread{callback_thread::start().value()} {
        queue->run_on(thread);
    }
    ~running() { end(); }
    void end() {
        thread->finish();
        CHECK(thread->wait_finished(std::chrono::steady_clock::now() + 20s));
    }

    std::shared_ptr<log_queue> queue;
    std::shared_ptr<callback_thread> thread;
};

event happened(event_kind kind, std::string detail = "why") { return {kind, 0, "tcp://e", std::move(detail), {}}; }

}  // namespace

TEST_CASE("levels of a log are named as they are spelled") {
    CHECK(name(log_level::debug) == "debug");
    CHECK(name(log_level::info) == "info");
    CHECK(name(log_level::warning) == "warning");
    CHECK(name(log_level::error) == "error");
}

TEST_CASE("each event is one record, with its level, its socket and its escaped words") {
    keeper kept;
    running log{kept.sink()};
    log.queue->put("push-1", happened(event_kind::peer_joined));
    log.queue->put("push-1", happened(event_kind::peer_left));
    log.queue->put("push-2", happened(event_kind::handshake_refused, "a\nb\xff"));
    log.queue->put("push-2", happened(event_kind::endpoint_stolen, ""));
    log.queue->put(log_level::debug, "push-2", "closed");
    log.end();
    const auto records = kept.records();
    REQUIRE(records.size() == 5);
    CHECK(records[0].level == log_level::info);
    CHECK(records[0].socket == "push-1");
    CHECK(records[0].text == "peer_joined: tcp://e: why");
    CHECK(records[1].level == log_level::info);
    CHECK(records[2].level == log_level::warning);
    CHECK(records[2].text == "handshake_refused: tcp://e: a\\x0ab\\xff");
    CHECK(records[3].level == log_level::error);
    CHECK(records[3].text == "endpoint_stolen: tcp://e");
    CHECK(records[4].level == log_level::debug);
    CHECK(records[4].text == "closed");
}

TEST_CASE("a record's text is bounded, whatever a peer wrote") {
    keeper kept;
    running log{kept.sink()};
    log.queue->put("s", happened(event_kind::message_refused, std::string(1'000'000, 'x')));
    log.end();
    REQUIRE(kept.records().size() == 1);
    CHECK(kept.records()[0].text.size() < 500);
}

TEST_CASE("what is below the level that was asked for is not told") {
    keeper kept;
    running log{kept.sink(), log_level::warning};
    log.queue->put("s", happened(event_kind::peer_joined));
    log.queue->put(log_level::debug, "s", "closed");
    log.queue->put("s", happened(event_kind::over_limit));
    log.end();
    REQUIRE(kept.records().size() == 1);
    CHECK(kept.records()[0].level == log_level::warning);
}

TEST_CASE(
    "records wait for a slow sink in a queue of 1,024, and how many were dropped is told where they are missing") {
    keeper kept;
    kept.hold_back(true);
    running log{kept.sink()};
    log.queue->put(log_level::info, "s", "first");
    kept.wait_until_entered();
    for (int i = 0; i < 1024 + 7; ++i) log.queue->put(log_level::info, "s", std::to_string(i));
    kept.hold_back(false);
    log.end();
    const auto records = kept.records();
    REQUIRE(records.size() == 1 + 1024 + 1);
    CHECK(records[1024].text == "1023");
    CHECK(records[1025].level == log_level::warning);
    CHECK(records[1025].text.ends_with(": 7"));
}

TEST_CASE("a sink that throws gets the next record all the same") {
    int calls = 0;
    running log{[&](const log_record&) {
        ++calls;
        throw std::runtime_error{"no"};
    }};
    log.queue->put(log_level::info, "s", "one");
    log.queue->put(log_level::info, "s", "two");
    log.end();
    CHECK(calls == 2);
}

TEST_CASE("what was put before there is a thread is told by it") {
    keeper kept;
    const auto queue = std::make_shared<log_queue>(kept.sink(), log_level::info);
    queue->put(log_level::info, "s", "early");
    const auto thread = callback_thread::start().value();
    queue->run_on(thread);
    thread->finish();
    CHECK(thread->wait_finished(std::chrono::steady_clock::now() + 20s));
    CHECK(kept.records().size() == 1);
}

TEST_CASE("after it was cut, a log tells nothing more") {
    keeper kept;
    kept.hold_back(true);
    running log{kept.sink()};
    log.queue->put(log_level::info, "s", "in hand");
    kept.wait_until_entered();
    log.queue->put(log_level::info, "s", "waiting");
    log.queue->cut();
    log.queue->put(log_level::info, "s", "later");
    kept.hold_back(false);
    log.end();
    REQUIRE(kept.records().size() == 1);
    CHECK(kept.records()[0].text == "in hand");
}
