// The loop around transactions: what it commits, what it undoes, how it stops.
#include "godwit/processor.hpp"

#include <atomic>
#include <thread>

#include "godwit/dedup.hpp"
#include "journal/scratch_folder.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;
using godwit::errc;
using godwit::journal;
using godwit::processor;
using godwit::transaction;
using journal_tests::scratch_folder;

namespace {

// A source, a sink, and where both are.
struct ends {
    ends() : source{ctx, quick(), brisk()}, sink{ctx, quick(), godwit::dedup{}, brisk()} {
        const std::string name = "inproc://ends-";
        from = must(source.bind(name + "from"));
        to = must(sink.bind(name + "to"));
    }
    processor open(journal& store, std::size_t batch_max = 1000) {
        processor made{ctx, store, {.batch_max = batch_max, .link = quick(), .socket = brisk()}};
        must(made.from(from));
        must(made.to(to));
        return made;
    }
    godwit::context ctx;
    godwit::push source;
    godwit::pull sink;
    std::string from, to;
    scratch_folder folder;
    std::filesystem::path place = folder.path() / "journal";
};

void count(processor& on, transaction& t, const godwit::delivery& d) {
    const int n = std::stoi(t.get("n").value_or("0")) + 1;
    must(t.put("n", std::to_string(n)));
    must(t.send(on.output(), std::string{d.text()} + " " + std::to_string(n)));
}

}  // namespace

TEST_CASE(
    "a processor handles each message once and in order, in batches, and finishes what is in hand when it is stopped") {
    ends with;
    int done = 0;
    for (const std::size_t batch_max : {1, 7, 1000}) {
        auto store = must(journal::open(with.place));
        auto one = with.open(store, batch_max);
        std::stop_source stop;
        const auto sent = numbers(100);
        for (const auto& text : sent) must(with.source.send(text));
        int handled = 0;
        must(one.run(
            [&](transaction& t, const godwit::delivery& d) {
                count(one, t, d);
                if (++handled == 100) stop.request_stop();
            },
            stop.get_token()));
        for (const auto& text : sent) REQUIRE(take(with.sink) == text + " " + std::to_string(++done));
        CHECK(one.state().view().get("n") == std::to_string(done));
        CHECK(one.state().stats().committed <= 100);
        if (batch_max == 1) CHECK(one.state().stats().committed == 100);
        must(with.source.flush(stage::processed, soon));
        must(one.close());
        CHECK(one.run(nullptr).failed(errc::closed));
    }
}

TEST_CASE("RELIABILITY 79: what a handler that throws has put and sent is undone, and those beside it are committed") {
    ends with;
    auto store = must(journal::open(with.place));
    auto one = with.open(store);
    std::stop_source stop;
    for (const auto& text : numbers(50)) must(with.source.send(text));
    std::atomic<int> thrown = 0, handled = 0;
    must(one.run(
        [&](transaction& t, const godwit::delivery& d) {
            count(one, t, d);
            must(t.put("last", d.text()));
            if (std::stoi(std::string{d.text()}) % 5 == 0 && d.attempt() == 1) {
                ++thrown;
                throw std::runtime_error{"not this time"};
            }
            if (++handled == 50) stop.request_stop();
        },
        stop.get_token()));
    CHECK(thrown == 10);
    CHECK(one.state().view().get("n") == "50");
    std::vector<bool> seen(51);
    for (int i = 1; i <= 50; ++i) {
        const std::string said = take(with.sink);
        const auto n = static_cast<std::size_t>(std::stoi(said.substr(said.find(' '))));
        CHECK_FALSE(seen.at(n));
        seen[n] = true;
    }
    CHECK(with.sink.recv(50ms).failed(errc::timed_out));
    must(with.source.flush(stage::processed, soon));
}

TEST_CASE("slow handlers' messages are committed in time, and one that is too slow is undone alone, and comes again") {
    ends with;
    auto store = must(journal::open(with.place));
    ack_retry link = quick();
    link.handler_max = 2s;
    processor one{with.ctx, store, {.link = link, .socket = brisk()}};
    must(one.from(with.from));
    for (const auto& text : numbers(12)) must(with.source.send(text));
    std::stop_source stop;
    godwit::status ended;
    int late = 0;
    std::thread runs{[&] {
        ended = one.run(
            [&](transaction& t, const godwit::delivery& d) {
                count(one, t, d);
                const bool is_late = d.text() == "5" && late++ == 0;
                std::this_thread::sleep_for(is_late ? 2 * link.handler_max : link.handler_max / 20);
            },
            stop.get_token());
    }};
    must(one.to(with.to));
    std::vector<bool> seen(13);
    for (int i = 1; i <= 12; ++i) {
        const std::string said = take(with.sink);
        const auto n = static_cast<std::size_t>(std::stoi(said.substr(said.find(' '))));
        CHECK_FALSE(seen.at(n));
        seen[n] = true;
    }
    stop.request_stop();
    runs.join();
    must(ended);
    CHECK(late >= 2);
    CHECK(one.state().view().get("n") == "12");
    must(with.source.flush(stage::processed, soon));
}

TEST_CASE(
    "what cannot be opened is told by the first call, and a transaction that was kept beyond its handler is fenced") {
    ends with;
    auto store = must(journal::open(with.place));
    auto one = with.open(store);
    processor second{with.ctx, store, {.link = quick()}};
    CHECK(second.from(with.from).failed(errc::locked));
    CHECK(second.run(nullptr).failed(errc::locked));
    CHECK(second.close().failed(errc::locked));
    processor wrong{with.ctx, store, {.name = "other", .batch_max = 0}};
    CHECK(wrong.to(with.to).failed(errc::invalid_argument));
    std::optional<transaction> kept;
    must(with.source.send("a"));
    must(with.source.send("b"));
    std::stop_source stop;
    must(one.run(
        [&](transaction& t, const godwit::delivery& d) {
            if (kept && kept->step() != t.step()) CHECK(kept->send(one.output(), "late").failed(errc::fenced));
            kept = t;
            count(one, t, d);
            if (d.text() == "b") stop.request_stop();
        },
        stop.get_token()));
    CHECK(kept->put("late", "").failed(errc::fenced));
    CHECK(take(with.sink) == "a 1");
    CHECK(take(with.sink) == "b 2");
    CHECK(with.sink.recv(50ms).failed(errc::timed_out));
}
