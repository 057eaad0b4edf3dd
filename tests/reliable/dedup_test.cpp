// A pull that remembers what it has handled: real sockets over each link.
#include "godwit/dedup.hpp"
#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "reliable/reliable.hpp"
#include "reliable/set_back.hpp"

using namespace reliable;
using godwit::dedup;
using godwit::journal;
using journal_tests::scratch_folder;

namespace {

struct billing {
    billing(const transport& over, const dedup& seen, const std::string& at = {})
        : in{ctx, quick(), seen, brisk()}, url{must(in.bind(at.empty() ? over.url() : at))} {}
    godwit::context ctx;
    godwit::pull in;
    std::string url;
};

// A sender whose log outlives it: each life of it sends again what it has not heard of.
struct seller {
    explicit seller(journal& store, const std::string& url) : out{ctx, quick(), must(store.stream("bills")), brisk()} {
        must(out.connect(url));
    }
    // Its own and those of the life before it.
    bool all_settled() {
        return eventually([&] { return out.delivery_counters().unsettled == 0; });
    }
    ~seller() { (void)out.close(1ms); }  // its receiver's last words find nobody
    godwit::context ctx;
    godwit::push out;
};

// A bill is in hand, and its sender has died.
struct half_done : billing {
    explicit half_done(const transport& over) : half_done{over, dedup{}} {}
    scratch_folder folder;
    journal store = must(journal::open(folder.path() / "journal"));
    dedup seen;
    godwit::delivery bill;

private:
    half_done(const transport& over, const dedup& memory) : billing{over, memory}, seen{memory} {
        const auto first = std::make_unique<seller>(store, url);
        must(first->out.send("bill 1"));
        bill = must(in.recv(soon));
    }
};

}  // namespace

OVER_EACH_LINK("with dedup, in memory or kept, messages come once and are acked like without") {
    scratch_folder folder;
    for (const bool is_kept : {false, true}) {
        const dedup seen = is_kept ? must(dedup::open(folder.path() / "seen")) : dedup{};
        godwit::context ctx;
        godwit::push out{ctx, quick(), brisk()};
        godwit::pull in{ctx, quick(), seen, brisk()};
        must(out.connect(must(in.bind(over.url()))));
        for (const auto& one : numbers(500)) must(out.send(one));
        for (const auto& one : numbers(500)) REQUIRE(take(in) == one);
        must(out.flush(stage::processed, soon));
        CHECK(seen.stats().in_hand == 0);
        CHECK(seen.stats().producers == 1);
        CHECK(seen.stats().open_ranges <= 1);
    }
}

OVER_EACH_LINK("RELIABILITY 7: a handler that fails is repeated, and one that has succeeded is not") {
    const dedup seen;
    godwit::context ctx;
    godwit::push out{ctx, quick(), brisk()};
    godwit::pull in{ctx, quick(), seen, brisk()};
    must(out.connect(must(in.bind(over.url()))));
    const auto receipt = must(out.send("bill"));
    must(in.recv(soon)).nack();
    auto again = must(in.recv(soon));
    CHECK(again.attempt() == 2);
    CHECK(seen.stats().in_hand == 1);
    again.ack();
    CHECK(fate(receipt) == "processed");
    CHECK(in.recv(50ms).failed(godwit::errc::timed_out));
}

OVER_EACH_WIRE("RELIABILITY 2: what was acked to a sender that had died is not handled again when it comes back") {
    half_done one{over};
    one.bill.ack();
    seller second{one.store, one.url};
    REQUIRE(second.all_settled());
    CHECK(one.seen.stats().duplicates >= 1);  // more where the link came up twice
    CHECK(one.in.recv(50ms).failed(godwit::errc::timed_out));
}

OVER_EACH_WIRE("a copy of what is in hand, from its sender's next life, is joined and settled with it") {
    half_done one{over};
    seller second{one.store, one.url};
    REQUIRE(eventually([&] { return one.in.delivery_counters().duplicates == 1; }));
    CHECK(one.in.recv(50ms).failed(godwit::errc::timed_out));
    one.bill.ack();
    REQUIRE(second.all_settled());
}

OVER_EACH_WIRE("two sockets of one memory: a copy at the other waits for the outcome of the one in hand") {
    scratch_folder folder;
    auto store = must(journal::open(folder.path() / "journal"));
    const dedup seen;
    billing one{over, seen}, other{over, seen};
    auto first = std::make_unique<seller>(store, one.url);
    must(first->out.send("bill 1"));
    must(first->out.send("bill 2"));
    auto bill = must(one.in.recv(soon)), next = must(one.in.recv(soon));
    first.reset();
    seller second{store, other.url};
    REQUIRE(eventually([&] { return seen.stats().joined != 0; }));
    CHECK(other.in.recv(50ms).failed(godwit::errc::timed_out));
    bill.ack();
    next.nack();
    CHECK(take(other.in) == "bill 2");  // that handler has failed: it goes on
    REQUIRE(second.all_settled());
    CHECK(other.in.recv(50ms).failed(godwit::errc::timed_out));
}

OVER_EACH_WIRE("RELIABILITY 75: a memory in a directory answers after a restart as before") {
    scratch_folder folder;
    auto store = must(journal::open(folder.path() / "journal"));
    for (const stage confirm : {stage::stored, stage::durable}) {
        const auto place = folder.path() / (confirm == stage::stored ? "stored" : "durable");
        const godwit::dedup_options options{.confirm = confirm};
        std::string url;
        {
            auto seen = must(dedup::open(place, options));
            CHECK(seen.recovered().is_new);
            billing one{over, seen};
            url = one.url;
            auto first = std::make_unique<seller>(store, url);
            must(first->out.send("acked"));
            must(first->out.send("in hand"));
            auto acked = must(one.in.recv(soon)), in_hand = must(one.in.recv(soon));
            first.reset();
            acked.ack();
            (void)one.in.close(1ms);  // what is in hand is given up
            must(seen.close());
        }
        auto seen = must(dedup::open(place, options));
        CHECK_FALSE(seen.recovered().is_new);
        CHECK(seen.recovered().clean);
        CHECK(seen.recovered().epoch == 2);
        CHECK(seen.recovered().producers == 1);
        billing one{over, seen, url};
        seller second{store, url};
        CHECK(take(one.in) == "in hand");  // RELIABILITY 7: its handler had not come to its end
        REQUIRE(second.all_settled());
        CHECK(one.in.recv(50ms).failed(godwit::errc::timed_out));
        CHECK(seen.stats().duplicates == 1);
    }
}

namespace {}  // namespace

OVER_EACH_WIRE("RELIABILITY 55: offsets that a journal gives a second time are a conflict, never duplicates") {
    scratch_folder folder;
    const auto place = folder.path() / "journal";
    const dedup seen;
    billing one{over, seen};
    const auto sell = [&](std::string_view what) {
        auto store = must(journal::open(place));
        seller now{store, one.url};
        must(now.out.send(what));
        CHECK(take(one.in) == what);
        must(now.out.flush(stage::processed, soon));
        must(now.out.close(soon));
        must(store.close());
    };
    sell("bill 1");
    set_back journal_of_yesterday{place};
    sell("bill 2");
    journal_of_yesterday.now();
    auto store = must(journal::open(place));
    seller now{store, one.url};
    must(now.out.send("bill 3, at the offset of bill 2"));
    CHECK(event_of(one.in, event_kind::conflict).detail.find("stream ") == 0);
    CHECK(event_of(now.out, event_kind::conflict).detail.find("refused by it") == 0);
    CHECK(seen.stats().conflicts >= 1);
    CHECK(one.in.recv(50ms).failed(godwit::errc::timed_out));
}

OVER_EACH_WIRE("RELIABILITY 55: a memory that was set back is refused by a sender that knows better") {
    scratch_folder folder;
    const auto place = folder.path() / "seen";
    godwit::context ctx;
    godwit::push out{ctx, quick(), brisk()};
    const std::string url = over.url();
    must(out.connect(url));
    must(must(dedup::open(place)).close());
    set_back memory_of_yesterday{place};
    {
        auto seen = must(dedup::open(place));
        billing one{over, seen, url};
        must(out.send("bill 1"));
        CHECK(take(one.in) == "bill 1");
        must(out.flush(stage::processed, soon));
        must(one.in.close(soon));
        must(seen.close());
    }
    memory_of_yesterday.now();
    auto seen = must(dedup::open(place));
    billing one{over, seen, url};
    CHECK(event_of(out, event_kind::conflict).detail.find("scope ") == 0);
    CHECK(event_of(one.in, event_kind::conflict).detail.find("scope ") != std::string::npos);
}

TEST_CASE("RELIABILITY 55, 61: a directory has one owner, and a copy of it is noticed") {
    scratch_folder folder;
    const auto place = folder.path() / "seen", copy = folder.path() / "copy";
    auto seen = must(dedup::open(place));
    CHECK(dedup::open(place).failed(godwit::errc::locked));
    const auto scope = seen.scope();
    must(seen.close());
    std::filesystem::copy(place, copy);
    CHECK(dedup::open(copy).failed(godwit::errc::conflict));
    std::filesystem::remove(copy / "identity");
    CHECK(must(dedup::open(copy)).scope() != scope);
    CHECK(must(dedup::open(place)).scope() == scope);
    CHECK(must(dedup::open(copy)).recovered().epoch == 3);
    CHECK(dedup::open(folder.path() / "no" / "parent").failed(godwit::errc::not_found));
}

TEST_CASE("dedup needs ack_retry, and a pull: all else is refused by name") {
    godwit::context ctx;
    const dedup seen;
    godwit::pull alone{ctx, seen};
    const auto bound = alone.bind("inproc://dedup-alone");
    REQUIRE(bound.failed(godwit::errc::invalid_argument));
    CHECK(bound.error().value() == "dedup");
    godwit::push out{ctx, quick(), seen};
    CHECK(out.bind("inproc://dedup-push").failed(godwit::errc::unsupported));
    godwit::rep server{ctx, quick(), seen};
    CHECK(server.bind("inproc://dedup-rep").failed(godwit::errc::unsupported));
    godwit::pull twice{ctx, quick(), seen, dedup{}};
    CHECK(twice.bind("inproc://dedup-twice").failed(godwit::errc::invalid_argument));
    godwit::pull wrong{ctx, quick(), dedup{{.confirm = stage::processed}}};
    CHECK(wrong.bind("inproc://dedup-wrong").failed(godwit::errc::invalid_argument));
}
