// The suite of the interface record_log (lib/base/record_log.hpp): what every log has to pass. A log signs up with
//
//     TEST_CASE("my log is a record_log") { record_log_suite::run([](std::uint64_t bytes_max) { return make(...); }); }
//
// inside one of its own test files. Each section begins with a log of its own.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/record_log.hpp"
#include "test_main.hpp"

namespace record_log_suite {

using godwit::offset;
using godwit::offset_range;
using godwit::stage;
using godwit::stream_id;
using namespace godwit::detail;

// bytes_max: a limit that the log has to keep to, at least roughly.
using factory = std::function<std::unique_ptr<record_log>(std::uint64_t bytes_max)>;

inline constexpr stream_id one{1, 1};
inline constexpr stream_id other{1, 2};
inline constexpr std::uint64_t ample = 64u << 20;

inline batch_ref batch_of(stream_id stream, const std::vector<offset>& offsets, std::size_t body_bytes = 100) {
    batch_builder builder{stream};
    const std::string body(body_bytes, 'b');
    for (const offset at : offsets) builder.add_body(at, godwit::as_bytes(body), SIZE_MAX);
    return builder.seal({});
}

inline std::vector<offset> count_up(offset first, offset last) {
    std::vector<offset> offsets;
    for (offset at = first; at <= last; ++at) offsets.push_back(at);
    return offsets;
}

// A log with its events: every call may be answered `pending`, and an event says when to ask again.
class tested_log {
public:
    explicit tested_log(std::unique_ptr<record_log> log) : log_{std::move(log)} {
        log_->on_event([this] { ++told_; });
    }
    record_log& operator*() { return *log_; }
    record_log* operator->() { return log_.get(); }

    log_answer append(std::vector<batch_ref> batches, std::vector<note> notes = {}) {
        log_ticket ticket;
        const log_answer answer = log_->append({std::move(batches), std::move(notes)}, log_->reaches(), ticket);
        if (answer != log_answer::pending) return answer;
        for (std::optional<log_event> event = next_event(); event; event = next_event()) {
            if (event->what == log_event::kind::kept && event->ticket.number == ticket.number) return log_answer::done;
            if (event->what == log_event::kind::failed && event->ticket.number == ticket.number) break;
        }
        FAIL("the entry was never kept");
        return log_answer::pending;
    }
    // The offsets in the batch that is read at `from`; none: there is nothing.
    std::vector<offset> read(stream_id stream, offset from) {
        read_batch got = log_->read(stream, from);
        while (got.answer == log_answer::pending && next_event()) got = log_->read(stream, from);
        REQUIRE(got.answer != log_answer::pending);
        REQUIRE(got.answer != log_answer::full);
        std::vector<offset> offsets;
        if (got.answer != log_answer::done) return offsets;
        REQUIRE(batch_view::check(got.batch.view.data(), SIZE_MAX));
        REQUIRE(got.batch.view.stream() == stream);
        record_view each;
        const batch_view& view = got.batch.view;
        for (std::uint32_t position = view.begin_position(); view.next(position, each);) offsets.push_back(each.at);
        return offsets;
    }
    // All that a reader who begins at `from` comes to see, one batch behind the other.
    std::vector<offset> read_on(stream_id stream, offset from) {
        std::vector<offset> seen;
        for (std::vector<offset> got = read(stream, from); !got.empty(); got = read(stream, from)) {
            REQUIRE(got.back() >= from);
            for (const offset at : got) {
                if (at >= from) seen.push_back(at);
            }
            from = got.back() + 1;
        }
        return seen;
    }
    void release(stream_id stream, std::vector<offset_range> settled) { log_->release(stream, settled); }
    std::optional<log_event> next_event() {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        do {
            if (auto event = log_->take_event()) return event;
            if (log_->reaches() == stage::accepted) return std::nullopt;  // nothing completes later
            std::this_thread::yield();
        } while (std::chrono::steady_clock::now() < end);
        return std::nullopt;
    }
    int told() const { return told_; }
    bool eventually_told(int times) const {  // an event can be taken a moment before it is told
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (told_ < times && std::chrono::steady_clock::now() < end) std::this_thread::yield();
        return told_ >= times;
    }

private:
    std::unique_ptr<record_log> log_;
    std::atomic<int> told_{0};
};

inline void appending_and_reading(const factory& make) {
    tested_log log{make(ample)};
    SECTION("a stream that nobody has written to is empty") {
        CHECK(log->next_offset(one) == 0);
        CHECK(log->visible(one) == 0);
        CHECK(log->first(one) == 0);
        CHECK(log.read(one, 0).empty());
        log.release(one, {{0, 100}});
        CHECK(log->next_offset(one) == 0);
    }
    SECTION("what is appended is read back, batch by batch") {
        REQUIRE(log.append({batch_of(one, {0, 1, 2})}) == log_answer::done);
        REQUIRE(log.append({batch_of(one, {3, 4})}) == log_answer::done);
        CHECK(log->next_offset(one) == 5);
        CHECK(log->visible(one) == 5);
        CHECK(log->first(one) == 0);
        CHECK(log.read(one, 0) == count_up(0, 2));
        CHECK(log.read(one, 2) == count_up(0, 2));
        CHECK(log.read(one, 3) == count_up(3, 4));
        CHECK(log.read_on(one, 1) == count_up(1, 4));
    }
    SECTION("offsets may begin anywhere and leave gaps") {
        REQUIRE(log.append({batch_of(one, {100, 105})}) == log_answer::done);
        REQUIRE(log.append({batch_of(one, {200})}) == log_answer::done);
        CHECK(log->first(one) == 100);
        CHECK(log->next_offset(one) == 201);
        CHECK(log.read(one, 0) == std::vector<offset>{100, 105});
        CHECK(log.read(one, 101) == std::vector<offset>{100, 105});
        CHECK(log.read(one, 106) == std::vector<offset>{200});
    }
    SECTION("an entry is of any number of batches, of any streams, and of notes") {
        note said{note::kind::mark, one, "content"};
        REQUIRE(log.append({batch_of(one, {0}), batch_of(other, {7, 8}), batch_of(one, {1})}, {said}) ==
                log_answer::done);
        REQUIRE(log.append({}, {said}) == log_answer::done);
        CHECK(log.read_on(one, 0) == count_up(0, 1));
        CHECK(log.read_on(other, 0) == count_up(7, 8));
    }
    SECTION("a batch that was read outlives its release and its log") {
        REQUIRE(log.append({batch_of(one, {0})}) == log_answer::done);
        const read_batch got = log->read(one, 0);
        log.release(one, {{0, 0}});
        CHECK(batch_view::check(got.batch.view.data(), SIZE_MAX));
    }
}

inline void releasing(const factory& make) {
    tested_log log{make(ample)};
    for (offset first = 0; first < 1000; first += 100) {
        REQUIRE(log.append({batch_of(one, count_up(first, first + 99))}) == log_answer::done);
    }
    const std::uint64_t full = log->bytes_used();
    SECTION("what is released whole is neither read nor counted any more") {
        log.release(one, {{0, 199}, {500, 599}});
        CHECK(log->first(one) == 200);
        CHECK(log.read(one, 0).front() == 200);
        CHECK(log.read(one, 500).front() == 600);
        CHECK(log->bytes_used() < full * 3 / 4);
        CHECK(log->next_offset(one) == 1000);
    }
    SECTION("a record that is not released is there, whatever is released around it") {
        log.release(one, {{0, 349}, {351, 999}});
        CHECK(log->first(one) == 350);
        CHECK(log.read(one, 0).front() <= 350);
        CHECK(log.read(one, 351).empty());
        log.release(one, {{350, 350}});
        CHECK(log->first(one) == 1000);
        CHECK(log.read(one, 0).empty());
        CHECK(log->next_offset(one) == 1000);
        CHECK(log->visible(one) == 1000);
    }
    SECTION("releasing twice, or what never was, changes nothing") {
        log.release(one, {{100, 150}});
        log.release(one, {{100, 150}, {2000, 3000}});
        log.release(other, {{0, 100}});
        CHECK(log->first(one) == 0);
        CHECK(log.read_on(one, 151) == count_up(151, 999));
    }
    SECTION("everything that is released at last is gone, one by one and in any order") {
        for (offset step = 0; step < 7; ++step) {
            for (offset at = step; at < 1000; at += 7) log.release(one, {{at, at}});
        }
        CHECK(log->first(one) == 1000);
        CHECK(log.read(one, 0).empty());
        REQUIRE(log.append({batch_of(one, {1000})}) == log_answer::done);
        CHECK(log->first(one) == 1000);
        CHECK(log.read(one, 0) == count_up(1000, 1000));
    }
    SECTION("what is dropped below an offset is gone, settled or not") {
        const offset kept = log->drop_below(one, 450);
        CHECK(kept == log->first(one));
        CHECK(kept <= 450);
        CHECK(kept >= 300);  // a log may keep what lies in one piece with it
        CHECK(log.read_on(one, 450) == count_up(450, 999));
        CHECK(log->drop_below(one, 5000) <= 1000);
        CHECK(log->next_offset(one) == 1000);
    }
}

inline void limits(const factory& make) {
    tested_log log{make(64u << 10)};
    SECTION("a full log takes nothing, says so, and says once when there is space") {
        offset at = 0;
        while (at < 1000 && log.append({batch_of(one, {at}, 4000)}) == log_answer::done) ++at;
        REQUIRE(at > 4);
        REQUIRE(at < 1000);
        CHECK(log->next_offset(one) == at);
        CHECK(log->bytes_used() >= log->bytes_max() / 2);
        CHECK(log.append({batch_of(one, {at}, 4000)}) == log_answer::full);
        const int told = log.told();
        CHECK_FALSE(log->take_event());
        log.release(one, {{0, at - 1}});
        const auto event = log.next_event();
        REQUIRE(event);
        CHECK(log.eventually_told(told + 1));
        CHECK(event->what == log_event::kind::space);
        CHECK(log.append({batch_of(one, {at}, 4000)}) == log_answer::done);
        log.release(one, {{at, at}});
        CHECK_FALSE(log->take_event());
    }
}

inline void run(const factory& make) {
    SECTION("appending and reading") { appending_and_reading(make); }
    SECTION("releasing") { releasing(make); }
    SECTION("limits") { limits(make); }
}

}  // namespace record_log_suite
