// What a push with a journal knows of records that failed: there for the next one.
#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;
using godwit::dead_reason;
using godwit::journal;
using journal_tests::scratch_folder;

namespace {

// A sender with the journal of a folder and, if wanted, its receiver: one life of the two.
struct life {
    life(const scratch_folder& folder, const transport& over, const ack_retry& options)
        : store{must(journal::open(folder.path()))},
          out{ctx, options, must(store.stream("s")), brisk()},
          in{ctx, quick(), brisk()} {
        must(out.connect(must(in.bind(over.url()))));
    }
    ~life() {
        must(in.close(soon));
        must(out.close(soon));
        must(store.close());
    }
    godwit::delivery next() { return must(in.recv(soon)); }

    journal store;
    godwit::context ctx;
    godwit::push out;
    godwit::pull in;
};

ack_retry four_times() {
    auto options = quick();
    options.attempts_max = 4;
    return options;
}

}  // namespace

OVER_EACH_LINK("attempts are counted through a restart, and a dead letter stays one") {
    scratch_folder folder;
    godwit::offset at = 0;
    {
        life first{folder, over, four_times()};
        at = must(first.out.send("poison")).at();
        for (unsigned attempt = 1; attempt <= 2; ++attempt) {
            auto d = first.next();
            REQUIRE(d.attempt() == attempt);
            d.nack();
        }
        REQUIRE(eventually([&] { return first.out.delivery_counters().nacked == 2; }));
    }
    {
        life second{folder, over, four_times()};
        for (unsigned attempt = 3; attempt <= 4; ++attempt) {
            auto d = second.next();
            REQUIRE(d.text() == "poison");
            REQUIRE(d.attempt() == attempt);
            d.nack();
        }
        REQUIRE(eventually([&] { return second.out.delivery_counters().dead == 1; }));
        must(second.out.send("next"));
        auto next = second.next();
        REQUIRE(next.text() == "next");
        next.ack();
    }
    life third{folder, over, four_times()};
    REQUIRE(third.out.delivery_counters().dead == 1);
    const auto dead = third.out.dead_letters();
    REQUIRE(dead.size() == 1);
    CHECK(dead[0].at == at);
    CHECK(dead[0].why == dead_reason::attempts);
    CHECK(dead[0].attempts == 4);
    CHECK(dead[0].content.text() == "poison");
}

OVER_EACH_LINK("a dead letter keeps its words through a restart, and is requeued or discarded for good") {
    scratch_folder folder;
    {
        life first{folder, over, quick()};
        must(first.out.send("one", {.priority = 7}));
        must(first.out.send("two"));
        for (int i = 0; i < 2; ++i) {
            auto d = first.next();
            d.reject("no such account: " + std::string{d.text()});
        }
        REQUIRE(eventually([&] { return first.out.delivery_counters().dead == 2; }));
    }
    {
        life second{folder, over, quick()};
        const auto dead = second.out.dead_letters();
        REQUIRE(dead.size() == 2);
        CHECK(dead[0].why == dead_reason::refused);
        CHECK(dead[0].detail == "no such account: one");
        CHECK(dead[1].detail == "no such account: two");
        CHECK(std::chrono::system_clock::now() - dead[0].when < 1min);
        must(second.out.discard(dead[1].at));
        must(second.out.requeue(dead[0].at));
        auto d = second.next();
        REQUIRE(d.text() == "one");
        REQUIRE(d.attempt() == 1);
        d.nack();
        REQUIRE(eventually([&] { return second.out.delivery_counters().nacked == 1; }));
    }
    {
        life third{folder, over, quick()};
        REQUIRE(third.out.dead_letters().empty());
        auto d = third.next();
        REQUIRE(d.text() == "one");
        REQUIRE(d.attempt() == 2);
        d.ack();
        REQUIRE(eventually([&] { return third.out.delivery_counters().unsettled == 0; }));
    }
    life fourth{folder, over, quick()};
    REQUIRE(fourth.out.delivery_counters().unsettled == 0);
}

OVER_EACH_LINK("what waits for its next attempt waits through a restart, and expires in its time") {
    scratch_folder folder;
    const auto begin = std::chrono::system_clock::now();
    {
        life first{folder, over, quick()};
        must(first.out.send("soon"));
        must(first.out.send("never", {.ttl = 2500ms}));
        for (int i = 0; i < 2; ++i) {
            auto d = first.next();
            d.nack(d.text() == "soon" ? 2s : 1h);
        }
        REQUIRE(eventually([&] { return first.out.delivery_counters().nacked == 2; }));
    }
    life second{folder, over, quick()};
    must(second.out.send("fresh"));
    auto fresh = second.next();
    REQUIRE(fresh.text() == "fresh");
    fresh.ack();
    auto d = second.next();
    REQUIRE(d.text() == "soon");
    REQUIRE(d.attempt() == 2);
    REQUIRE(std::chrono::system_clock::now() >= begin + 2s);
    REQUIRE(eventually([&] { return second.out.delivery_counters().expired == 1; }));
    REQUIRE(std::chrono::system_clock::now() >= begin + 2500ms);
}

OVER_EACH_LINK("what is requeued while no sender has its stream goes before what comes behind it of its key") {
    scratch_folder folder;
    auto options = quick();
    options.ordered_by_key = true;
    godwit::offset dead = 0;
    {
        life first{folder, over, options};
        dead = must(first.out.send("a1", {.key = "a"})).at();
        first.next().reject("not today");
        REQUIRE(eventually([&] { return first.out.delivery_counters().dead == 1; }));
    }
    {
        auto store = must(journal::open(folder.path()));
        must(must(store.stream("s")).requeue(dead));
        must(store.close());
    }
    life second{folder, over, options};
    must(second.out.send("a2", {.key = "a"}));
    auto again = second.next();
    REQUIRE(again.text() == "a1");
    again.nack(200ms);
    must(second.out.send("b1", {.key = "b"}));
    std::vector<std::string> got;
    while (got.size() < 3) {
        auto d = second.next();
        got.emplace_back(d.text());
        d.ack();
    }
    REQUIRE(got == std::vector<std::string>{"b1", "a1", "a2"});
}

OVER_EACH_LINK("the order of a key holds through a retry and a restart") {
    scratch_folder folder;
    auto options = quick();
    options.ordered_by_key = true;
    {
        life first{folder, over, options};
        must(first.out.send("a1", {.key = "a"}));
        auto d = first.next();
        d.nack(300ms);
        REQUIRE(eventually([&] { return first.out.delivery_counters().nacked == 1; }));
        must(first.out.send("a2", {.key = "a"}));
        must(first.out.send("b1", {.key = "b"}));
        REQUIRE(first.next().text() == "b1");  // and goes back, unsettled
    }
    life second{folder, over, options};
    std::vector<std::string> got;
    while (got.empty() || got.back() != "a2") {
        auto d = second.next();
        got.emplace_back(d.text());
        d.ack();
    }
    std::erase(got, "b1");
    REQUIRE(got == std::vector<std::string>{"a1", "a2"});
}
