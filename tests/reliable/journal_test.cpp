// A push with a journal: what it took up is there for the next one, whatever became of the first.
#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;
using godwit::errc;
using godwit::journal;
using journal_tests::scratch_folder;

namespace {

journal open_in(const scratch_folder& folder, const godwit::journal_options& options = {}) {
    return must(journal::open(folder.path(), options));
}

// A journal in that folder, and a push and a pull that have met, with its stream.
struct line_with_journal {
    line_with_journal(const scratch_folder& folder, std::string_view stream, const std::string& url)
        : store{open_in(folder)}, out{ctx, quick(), must(store.stream(stream)), brisk()}, in{ctx, quick(), brisk()} {
        must(in.bind(url));
        must(out.connect(url));
    }
    journal store;
    godwit::context ctx;
    godwit::push out;
    godwit::pull in;
};

}  // namespace

OVER_EACH_LINK("a push with a journal goes on where the one before it was closed") {
    scratch_folder folder;
    const auto url = over.url();
    {
        auto store = open_in(folder);
        godwit::context ctx;
        godwit::push out{ctx, quick(), must(store.stream("orders")), brisk()};
        must(out.connect(url));
        godwit::receipt last;
        for (const auto& text : numbers(100)) last = must(out.send(text));
        REQUIRE(fate(last, stage::durable) == "durable");
        REQUIRE(outcome(last.wait(stage::processed, 0s)) == "timed_out");
        must(out.close(soon));  // nothing is lost: it need not wait for a receiver
        must(store.close());
    }
    {
        line_with_journal second{folder, "orders", url};
        for (int i = 0; i < 60; ++i) REQUIRE(take(second.in) == std::to_string(i));
        REQUIRE(eventually([&] { return second.out.delivery_counters().acked == 60; }));
        must(second.out.send("100"));
        must(second.out.close(soon));
        must(second.store.close());
    }
    line_with_journal third{folder, "orders", url};
    for (int i = 60; i < 101; ++i) REQUIRE(take(third.in) == std::to_string(i));
    REQUIRE(eventually([&] { return third.out.delivery_counters().unsettled == 0; }));
}

OVER_EACH_LINK("delays, priorities and times to live hold through a restart") {
    scratch_folder folder;
    const auto url = over.url();
    const auto begin = std::chrono::system_clock::now();
    {
        auto store = open_in(folder);
        godwit::context ctx;
        godwit::push out{ctx, quick(), must(store.stream("s")), brisk()};
        must(out.connect(url));
        must(out.send("later", {.delay = 500ms}));
        must(out.send("gone", {.ttl = 1ms}));
        must(out.send("plain"));
        must(out.send("urgent", {.priority = 9}));
        must(out.flush(stage::durable, soon));
        must(out.close(soon));
    }
    line_with_journal again{folder, "s", url};
    std::vector<std::string> got;
    for (int i = 0; i < 3; ++i) {
        got.push_back(take(again.in));
        if (got.back() == "later") REQUIRE(std::chrono::system_clock::now() >= begin + 500ms);
    }
    std::ranges::sort(got);
    REQUIRE(got == std::vector<std::string>{"later", "plain", "urgent"});
    REQUIRE(eventually([&] { return again.out.delivery_counters().unsettled == 0; }));
    REQUIRE(again.out.delivery_counters().dead == 1);  // in whichever of the two lives
}

TEST_CASE("a stream has one sender at a time, and a journal serves only what it can serve") {
    scratch_folder folder;
    auto store = open_in(folder);
    godwit::context ctx;
    {
        godwit::push first{ctx, quick(), must(store.stream("s")), brisk()};
        godwit::push second{ctx, quick(), must(store.stream("s")), brisk()};
        must(first.bind(inproc::make()));
        REQUIRE(outcome(second.bind(inproc::make())) == "locked");
    }
    godwit::push third{ctx, quick(), must(store.stream("s")), brisk()};
    must(third.bind(inproc::make()));
    godwit::push alone{ctx, must(store.stream("other")), brisk()};
    REQUIRE_FALSE(alone.bind(inproc::make()));  // a log needs who delivers from it
    godwit::req ask{ctx, quick(), must(store.stream("asks")), brisk()};
    REQUIRE(outcome(ask.bind(inproc::make())) == "unsupported");
}

TEST_CASE("a journal that is closed beneath its socket fails the sends, and loses nothing that was confirmed") {
    scratch_folder folder;
    godwit::context ctx;
    {
        auto store = open_in(folder);
        godwit::push out{ctx, quick(), must(store.stream("s")), brisk()};
        must(out.bind(inproc::make()));
        REQUIRE(fate(must(out.send("kept")), stage::durable) == "durable");
        must(store.close());
        REQUIRE(eventually([&] { return outcome(out.send("late")) == "closed"; }));
    }
    auto store = open_in(folder);
    REQUIRE(must(must(store.stream("s")).read(0))->content.text() == "kept");
}
