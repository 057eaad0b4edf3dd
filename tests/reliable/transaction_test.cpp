// Transactions between real sockets, over each link.
#include "godwit/transaction.hpp"

#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "reliable/reliable.hpp"
#include "reliable/set_back.hpp"

using namespace reliable;
using godwit::delivery;
using godwit::errc;
using godwit::journal;
using godwit::transactions;
using journal_tests::scratch_folder;

namespace {

// A journal with a state and an output, a pull for the inputs and a push for the output.
struct worker {
    worker(const scratch_folder& folder, const std::string& in_url, const std::string& out_url,
           const ack_retry& receiver = quick())
        : store{must(journal::open(folder.path() / "worker"))},
          state{must(transactions::open(must(store.stream("state"))))},
          replies{must(state.output(must(store.stream("replies"))))},
          in{ctx, receiver, state.inputs(), brisk()},
          out{ctx, quick(), replies, brisk()} {
        must(in.connect(in_url));
        must(out.connect(out_url));
    }
    // Counts what it receives, and sends the count on.
    void count(delivery&& input) {
        auto t = must(state.begin());
        const int number = std::stoi(t.get("count").value_or("0")) + 1;
        must(t.put("count", std::to_string(number)));
        must(t.send(replies, std::string{input.text()} + " is " + std::to_string(number)));
        must(t.consume(std::move(input)));
        must(t.commit());
    }
    ~worker() {
        (void)in.close(1ms);
        (void)out.close(1ms);
    }

    godwit::context ctx;
    journal store;
    transactions state;
    godwit::transaction_output replies;
    godwit::pull in;
    godwit::push out;
};

struct before_and_behind {
    explicit before_and_behind(const transport& over)
        : source{ctx, quick(), brisk()},
          sink{ctx, quick(), brisk()},
          in_url{must(source.bind(over.url()))},
          out_url{must(sink.bind(over.url()))} {}
    godwit::context ctx;
    scratch_folder folder;
    godwit::push source;
    godwit::pull sink;
    std::string in_url, out_url;
};

}  // namespace

OVER_EACH_WIRE("what is consumed, changed and sent in a transaction goes on, each once and in order") {
    before_and_behind ends{over};
    worker one{ends.folder, ends.in_url, ends.out_url};
    for (const auto& text : numbers(200)) must(ends.source.send(text));
    for (int i = 0; i < 200; ++i) one.count(must(one.in.recv(soon)));
    for (int i = 0; i < 200; ++i) REQUIRE(take(ends.sink) == std::to_string(i) + " is " + std::to_string(i + 1));
    must(ends.source.flush(stage::processed, soon));
    CHECK(one.state.stats().committed == 200);
    CHECK(one.state.stats().in_hand == 0);
    CHECK(eventually([&] { return one.out.delivery_counters().unsettled == 0; }));
}

OVER_EACH_WIRE("a batch of inputs, and outputs of several sockets, are one transaction") {
    before_and_behind ends{over};
    worker one{ends.folder, ends.in_url, ends.out_url};
    auto audit = must(one.state.output(must(one.store.stream("audit"))));
    godwit::push audits{one.ctx, quick(), audit, brisk()};
    godwit::pull auditor{ends.ctx, quick(), brisk()};
    must(audits.connect(must(auditor.bind(over.url()))));
    must(ends.source.send("a"));
    must(ends.source.send("b"));
    auto t = must(one.state.begin());
    for (int i = 0; i < 2; ++i) must(t.consume(must(one.in.recv(soon))));
    CHECK(t.inputs() == 2);
    must(t.send(one.replies, "to one"));
    must(t.send(audit, "to the other"));
    CHECK(ends.sink.recv(50ms).failed(errc::timed_out));
    must(t.commit());
    CHECK(take(ends.sink) == "to one");
    CHECK(take(auditor) == "to the other");
    must(ends.source.flush(stage::processed, soon));
    (void)audits.close(1ms);
}

OVER_EACH_WIRE("RELIABILITY 79: what an aborted transaction sent is seen by nobody, and its input comes again") {
    before_and_behind ends{over};
    worker one{ends.folder, ends.in_url, ends.out_url};
    must(ends.source.send("a"));
    {
        auto t = must(one.state.begin());
        must(t.consume(must(one.in.recv(soon))));
        must(t.put("count", "1000"));
        must(t.send(one.replies, "never"));
    }  // unsettled: aborted
    CHECK(one.state.stats().aborted == 1);
    auto again = must(one.in.recv(soon));
    CHECK(again.attempt() == 2);
    one.count(std::move(again));
    CHECK(take(ends.sink) == "a is 1");
    CHECK(ends.sink.recv(50ms).failed(errc::timed_out));
}

OVER_EACH_WIRE("a worker that is started anew goes on where it was: its state is there, and nothing is handled again") {
    before_and_behind ends{over};
    for (int life = 0; life < 3; ++life) {
        worker one{ends.folder, ends.in_url, ends.out_url};
        for (const auto& text : numbers(20)) must(ends.source.send(text));
        for (int i = 0; i < 20; ++i) one.count(must(one.in.recv(soon)));
        CHECK(one.state.view().get("count") == std::to_string(20 * (life + 1)));
    }
    // The last life may have died with its outputs unsent.
    worker last{ends.folder, ends.in_url, ends.out_url};
    for (int i = 0; i < 60; ++i) CHECK(take(ends.sink) == std::to_string(i % 20) + " is " + std::to_string(i + 1));
    must(ends.source.flush(stage::processed, soon));
    CHECK(last.in.recv(50ms).failed(errc::timed_out));
    CHECK(ends.sink.recv(50ms).failed(errc::timed_out));
}

OVER_EACH_WIRE("RELIABILITY 46, 75: a sender that lost the acks sends again, and is told that it was consumed") {
    before_and_behind ends{over};
    scratch_folder other;
    auto log = must(journal::open(other.path() / "sender"));
    worker one{ends.folder, ends.in_url, ends.out_url};
    godwit::pull direct{one.ctx, quick(), one.state.inputs(), brisk()};
    const std::string url = must(direct.bind(over.url()));
    delivery bill;
    {
        godwit::context ctx;
        godwit::push first{ctx, quick(), must(log.stream("bills")), brisk()};
        must(first.connect(url));
        must(first.send("bill"));
        bill = must(direct.recv(soon));
        (void)first.close(1ms);
    }
    one.count(std::move(bill));  // its sender has gone
    godwit::context ctx;
    godwit::push second{ctx, quick(), must(log.stream("bills")), brisk()};
    must(second.connect(url));
    REQUIRE(eventually([&] { return second.delivery_counters().unsettled == 0; }));
    CHECK(one.state.stats().duplicates != 0);
    CHECK(direct.recv(50ms).failed(errc::timed_out));
    CHECK(one.state.view().get("count") == "1");
    (void)direct.close(1ms);
}

OVER_EACH_WIRE("RELIABILITY 73: an input that took longer than it may fails its transaction, and comes again") {
    before_and_behind ends{over};
    ack_retry hasty = quick();
    hasty.handler_max = 2s;
    worker one{ends.folder, ends.in_url, ends.out_url, hasty};
    must(ends.source.send("a"));
    auto t = must(one.state.begin());
    must(t.consume(must(one.in.recv(soon))));
    must(t.put("count", "1000"));
    auto again = must(one.in.recv(soon));
    CHECK(t.commit().failed(errc::expired));
    CHECK_FALSE(one.state.view().contains("count"));
    one.count(std::move(again));
    CHECK(take(ends.sink) == "a is 1");
}

OVER_EACH_WIRE("RELIABILITY 54, 55: a state that was set back is refused by a sender that knows better") {
    before_and_behind ends{over};
    const auto place = ends.folder.path() / "worker";
    { worker first{ends.folder, ends.in_url, ends.out_url}; }
    set_back state_of_yesterday{place};
    {
        worker one{ends.folder, ends.in_url, ends.out_url};
        must(ends.source.send("a"));
        one.count(must(one.in.recv(soon)));
        must(ends.source.flush(stage::processed, soon));
    }
    state_of_yesterday.now();
    worker again{ends.folder, ends.in_url, ends.out_url};
    CHECK(event_of(ends.source, event_kind::conflict).detail.find("scope ") == 0);
    must(ends.source.send("b"));
    CHECK(again.in.recv(50ms).failed(errc::timed_out));
}

OVER_EACH_WIRE("what does not belong together is refused by name") {
    before_and_behind ends{over};
    worker one{ends.folder, ends.in_url, ends.out_url};
    scratch_folder elsewhere;
    auto other = must(journal::open(elsewhere.path() / "other"));
    CHECK(one.state.output(must(other.stream("replies"))).failed(errc::invalid_argument));
    CHECK(one.state.output(must(one.store.stream("replies"))).failed(errc::locked));
    CHECK(transactions::open(must(one.store.stream("state"))).failed(errc::locked));
    CHECK(transactions::open(quick()).failed(errc::unsupported));
    CHECK(one.out.send("by hand").failed(errc::unsupported));
    godwit::push second{one.ctx, quick(), one.replies, brisk()};
    CHECK(second.connect(ends.out_url).failed(errc::locked));
    godwit::push wrong{one.ctx, quick(), one.state.inputs(), brisk()};
    CHECK(wrong.connect(ends.out_url).failed(errc::unsupported));
    godwit::pull plain{one.ctx, quick(), brisk()};
    must(plain.connect(ends.in_url));
    must(one.in.close(1ms));
    must(ends.source.send("a"));
    auto t = must(one.state.begin());
    auto input = must(plain.recv(soon));
    const auto refused = t.consume(std::move(input));
    CHECK((refused.failed(errc::invalid_argument) || refused.failed(errc::expired)));  // its sender may be known
    CHECK_FALSE(input.settled());
    input.ack();
    CHECK(t.consume(std::move(input)).failed(errc::invalid_argument));
    must(t.commit());
    must(one.state.close());
    CHECK(one.state.begin().failed(errc::closed));
    CHECK(one.state.health().failed(errc::closed));
}
