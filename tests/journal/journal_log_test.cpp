// The journal as a log: the suite that every log passes, and what only one that outlives its opening can be asked.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <latch>

#include "conformance/record_log_suite.hpp"
#include "godwit/journal.hpp"
#include "journal/journal_store.hpp"
#include "journal/scratch_folder.hpp"
#include "test_main.hpp"

using namespace godwit::detail;
using namespace journal_tests;
using namespace std::chrono_literals;
using godwit::errc;
using godwit::journal;
using godwit::journal_options;
using godwit::message;
using godwit::offset;
using godwit::offset_range;
using godwit::stage;
using godwit::stream_id;

namespace {

// A log that keeps the folder of its journal for as long as it lives.
class log_in_a_folder final : public record_log {
public:
    explicit log_in_a_folder(std::uint64_t bytes_max) {
        journal_store_options options;
        options.limits = {bytes_max, std::min<std::uint64_t>(bytes_max / 8, 64u << 20)};
        auto store = journal_store::open(open_directory(folder_.path(), true).value(), options,
                                         {system_time(), system_random()});
        log_ = make_journal_log(std::move(*store));
    }
    stage reaches() const noexcept override { return log_->reaches(); }
    offset next_offset(stream_id stream) const override { return log_->next_offset(stream); }
    log_answer append(entry&& what, stage wanted, log_ticket& ticket) override {
        return log_->append(std::move(what), wanted, ticket);
    }
    read_batch read(stream_id stream, offset from) override { return log_->read(stream, from); }
    offset visible(stream_id stream) const override { return log_->visible(stream); }
    offset first(stream_id stream) const override { return log_->first(stream); }
    void release(stream_id stream, std::span<const offset_range> settled) override { log_->release(stream, settled); }
    offset drop_below(stream_id stream, offset end) override { return log_->drop_below(stream, end); }
    std::uint64_t bytes_used() const noexcept override { return log_->bytes_used(); }
    std::uint64_t bytes_max() const noexcept override { return log_->bytes_max(); }
    std::optional<log_event> take_event() override { return log_->take_event(); }
    void on_event(std::function<void()> tell) override { log_->on_event(std::move(tell)); }

private:
    scratch_folder folder_;
    std::unique_ptr<record_log> log_;
};

journal open_in(const scratch_folder& folder, const journal_options& options = {}) {
    auto opened = journal::open(folder.path(), options);
    if (!opened) FAIL(opened.error().what());
    return std::move(*opened);
}

}  // namespace

TEST_CASE("a journal is a record_log") {
    record_log_suite::run([](std::uint64_t bytes_max) { return std::make_unique<log_in_a_folder>(bytes_max); });
}

TEST_CASE("records, releases and offsets are there when a journal is opened again") {
    scratch_folder folder;
    offset next = 0;
    {
        auto store = open_in(folder);
        CHECK(store.recovered().is_new);
        auto orders = store.stream("orders").value();
        for (int i = 0; i < 100; ++i) {
            const auto at = orders.append(message{"order " + std::to_string(i)}).value();
            CHECK(at == static_cast<offset>(i) + 1);
        }
        CHECK(orders.append(message::make({.topic = "t", .key = "k", .headers = {{"n", "v"}}}).value()).value() == 101);
        orders.release({1, 50}).value();
        CHECK(orders.first() == 51);
        orders.release({61, 70}).value();
        next = orders.end();
        store.close().value();
        CHECK(orders.append(message{"late"}).failed(errc::closed));
    }
    auto store = open_in(folder);
    CHECK_FALSE(store.recovered().is_new);
    CHECK(store.recovered().clean);
    CHECK(store.recovered().epoch == 2);
    CHECK(store.streams() == std::vector<std::string>{"orders"});
    auto orders = store.stream("orders").value();
    CHECK(orders.first() == 51);
    CHECK(orders.end() == next);
    const auto all = orders.read_many(0, 1000).value();
    REQUIRE(all.size() == 41);
    CHECK(all[0].content.text() == "order 50");
    CHECK(all[10].at == 71);
    CHECK(all[40].content.topic() == "t");
    CHECK(all[40].content.key() == "k");
    CHECK(all[40].content.header_value("n") == "v");
    CHECK(orders.append(message{"more"}).value() == next);
}

TEST_CASE("RELIABILITY 61, 62: a second writer is told `locked` at once, from this process, too") {
    scratch_folder folder;
    {
        auto store = open_in(folder);
        CHECK(journal::open(folder.path()).failed(errc::locked));
        CHECK(journal::open(folder.path()).failed(errc::locked));  // not freed by the first refusal
        store.stream("s").value().append(message{"kept"}).value();
    }
    auto again = open_in(folder);
    CHECK(again.stream("s").value().read(0).value()->content.text() == "kept");
}

TEST_CASE("RELIABILITY 18: a journal that is damaged says so when it is opened, and again") {
    scratch_folder folder;
    open_in(folder).stream("s").value().append(message{"kept"}).value();
    std::filesystem::resize_file(folder.path() / "identity", 7);
    CHECK(journal::open(folder.path()).failed(errc::corrupt));
    CHECK(journal::open(folder.path()).failed(errc::corrupt));
}

TEST_CASE("RELIABILITY 55: a journal that was copied is not written to: it may have a twin") {
    scratch_folder folder, other;
    open_in(folder).stream("s").value().append(message{"kept"}).value();
    for (const auto& one : std::filesystem::directory_iterator{folder.path()})
        std::filesystem::copy(one.path(), other.path() / one.path().filename());
    CHECK(journal::open(other.path()).failed(errc::conflict));
    CHECK(journal::open(folder.path()));
}

TEST_CASE("RELIABILITY 63: a child process does not hold the lock of its parent's journal") {
    scratch_folder folder;
    int pipe_ends[2];
    REQUIRE(::pipe2(pipe_ends, O_CLOEXEC) == 0);
    pid_t child = 0;
    {
        const auto store = open_in(folder);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, pipe_ends[0], 0);
        char name[] = "cat";
        char* const words[] = {name, nullptr};
        REQUIRE(::posix_spawnp(&child, name, &actions, nullptr, words, environ) == 0);  // returns behind its exec
        ::posix_spawn_file_actions_destroy(&actions);
    }
    CHECK(journal::open(folder.path()));
    ::close(pipe_ends[1]);  // the child ends
    ::close(pipe_ends[0]);
    int ended = 0;
    REQUIRE(::waitpid(child, &ended, 0) == child);
}

TEST_CASE("what many threads append at once is there once each, and in the order of its offsets") {
    scratch_folder folder;
    constexpr int threads = 4, each = 50;
    std::vector<std::vector<offset>> given(threads);
    {
        auto store = open_in(folder);
        auto stream = store.stream("s").value();
        std::latch ready{threads};
        std::vector<std::jthread> all;
        for (int id = 0; id < threads; ++id) {
            all.emplace_back([&, id] {
                ready.arrive_and_wait();
                for (int i = 0; i < each; ++i)
                    given[static_cast<std::size_t>(id)].push_back(
                        stream.append(message{std::to_string(id) + " " + std::to_string(i)}).value());
            });
        }
    }
    auto store = open_in(folder);
    const auto records = store.stream("s").value().read_many(0, 10'000).value();
    REQUIRE(records.size() == threads * each);
    std::vector<int> next(threads, 0);
    for (const auto& one : records) {
        const std::string text{one.content.text()};
        const auto id = static_cast<std::size_t>(text[0] - '0');
        REQUIRE(text == std::to_string(id) + " " + std::to_string(next[id]));
        REQUIRE(given[id][static_cast<std::size_t>(next[id]++)] == one.at);
    }
}

TEST_CASE("records that are not in memory any more are read from their segments, recovered ones too") {
    scratch_folder folder;
    const journal_options options{.bytes_max = 256u << 20, .segment_bytes = 1u << 20};
    const std::string body(5000, 'x');
    constexpr offset count = 8000;  // more than is kept in memory
    {
        auto store = open_in(folder, options);
        auto stream = store.stream("s").value();
        std::vector<message> some;
        for (offset i = 1; i <= count; ++i) {
            some.emplace_back(std::to_string(i) + body);
            if (some.size() < 100) continue;
            stream.append(some, stage::stored).value();
            some.clear();
        }
        CHECK(stream.read(17).value()->content.text() == "17" + body);
    }
    auto store = open_in(folder, options);
    auto stream = store.stream("s").value();
    CHECK(stream.read(4711).value()->content.text() == "4711" + body);
    offset expected = 1;
    for (auto part = stream.read_many(1, 500).value(); !part.empty(); part = stream.read_many(expected, 500).value()) {
        for (const auto& one : part) {
            REQUIRE(one.at == expected);
            REQUIRE(one.content.text() == std::to_string(expected++) + body);
        }
    }
    CHECK(expected == count + 1);
}

TEST_CASE("a full journal takes nothing until what is done is released, and its files shrink then") {
    scratch_folder folder;
    auto store = open_in(folder, {.bytes_max = 256u << 10, .segment_bytes = 16u << 10});
    auto stream = store.stream("s").value();
    const message large{std::string(4000, 'x')};
    offset last = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto at = stream.append(large);
        if (!at) {
            REQUIRE(at.failed(errc::full));
            break;
        }
        last = *at;
    }
    REQUIRE(last > 30);
    REQUIRE(last < 100);
    CHECK(store.bytes_used() <= (256u << 10) + (16u << 10));
    stream.release({1, last}).value();
    const auto end = std::chrono::steady_clock::now() + 10s;
    auto again = stream.append(large);
    while (!again && std::chrono::steady_clock::now() < end) again = stream.append(large);
    REQUIRE(again);
    CHECK(*again == last + 1);
    CHECK(store.bytes_used() < 64u << 10);
}

TEST_CASE("bad values are refused with their names") {
    scratch_folder folder;
    CHECK(journal::open(folder.path(), {.bytes_max = 1}).failed(errc::invalid_argument));
    CHECK(journal::open(folder.path(), {.segment_bytes = 1}).failed(errc::invalid_argument));
    CHECK(journal::open(folder.path(), {.confirm = stage::received}).failed(errc::invalid_argument));
    CHECK(journal::open(folder.path() / "no" / "such").failed(errc::not_found));
    auto store = open_in(folder);
    CHECK(store.stream("").failed(errc::invalid_argument));
    CHECK(store.stream(std::string(256, 'x')).failed(errc::invalid_argument));
    auto stream = store.stream("s").value();
    CHECK(stream.append(std::span<const message>{}).failed(errc::invalid_argument));
    CHECK(stream.append(message{"x"}, stage::processed).failed(errc::unsupported));
    CHECK(stream.release({5, 4}).failed(errc::invalid_argument));
    CHECK_FALSE(stream.read(0).value());
}
