// A pub with a journal: what was published is there for who comes later, also after a restart of either side.
#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;
using godwit::journal;
using godwit::start;
using godwit::subscription;
using journal_tests::scratch_folder;

namespace {

// One life of a publisher, at an address that the next one has, too.
struct publisher {
    explicit publisher(const scratch_folder& folder, const std::string& place,
                       const godwit::journal_options& options = {})
        : store{must(journal::open(folder.path(), options))},
          out{ctx, quick(), must(store.stream("ticks")), brisk()},
          url{must(out.bind(place))} {}
    ~publisher() {
        must(out.close(soon));
        must(store.close());
    }
    void send(std::size_t count, std::size_t first = 0) {
        for (const auto& text : numbers(count, first)) must(out.send("t", text));
    }

    journal store;
    godwit::context ctx;
    godwit::pub out;
    std::string url;
};

// In a context of its own, as another process has.
struct subscriber {
    subscriber(const std::string& url, const subscription& from) : in{ctx, quick(), from, brisk()} {
        must(in.subscribe("t"));
        must(in.connect(url));
    }
    std::vector<std::string> take_all(std::size_t count) {
        std::vector<std::string> got;
        while (got.size() < count) got.push_back(take(in));
        return got;
    }

    godwit::context ctx;
    godwit::sub in;
};

}  // namespace

OVER_EACH_WIRE("what was published is there for a subscriber that comes after a restart") {
    scratch_folder folder;
    const auto url = over.url();
    {
        publisher first{folder, url};
        first.send(100);
        const auto last = must(first.out.send("t", "100"));
        REQUIRE(fate(last, stage::durable) == "durable");
    }
    publisher second{folder, url};
    second.send(10, 101);
    subscriber all{second.url, {.from = start::first}};
    REQUIRE(all.take_all(111) == numbers(111));
    second.send(1, 111);
    REQUIRE(all.take_all(1) == numbers(1, 111));
}

OVER_EACH_WIRE("a subscriber goes on through a restart of its publisher without a gap or a copy") {
    scratch_folder folder;
    const auto url = over.url();
    std::optional<publisher> now;
    now.emplace(folder, url);
    subscriber one{now->url, {}};
    must(now->out.wait_for_subscribers("t", 1, soon));
    now->send(5);
    REQUIRE(one.take_all(5) == numbers(5));
    for (std::size_t life = 1; life <= 3; ++life) {
        const std::string where = now->url;
        now.reset();
        now.emplace(folder, where);
        now->send(5, 5 * life);
        REQUIRE(one.take_all(5) == numbers(5, 5 * life));
    }
}

OVER_EACH_WIRE("the place of a subscriber with a name is held, through a restart of both") {
    scratch_folder folder;
    const auto url = over.url();
    {
        publisher first{folder, url};
        subscriber audit{first.url, {.name = "audit"}};
        must(first.out.wait_for_subscribers("t", 1, soon));
        first.send(10);
        REQUIRE(audit.take_all(4) == numbers(4));
        must(audit.in.close(soon));
        REQUIRE(eventually([&] { return first.out.subscribers("t") == 0; }));
        first.send(10, 10);
        must(first.out.flush(stage::durable, soon));
    }
    publisher second{folder, url};
    second.send(5, 20);
    subscriber audit{second.url, {.from = start::first, .name = "audit"}};
    // A place is that of a batch: some of what was acked may come again.
    std::vector<std::string> got;
    while (got.empty() || got.back() != "24") got.push_back(take(audit.in));
    REQUIRE(got.size() >= 21);
    REQUIRE(got == numbers(got.size(), 25 - got.size()));
}

OVER_EACH_WIRE("a subscriber starts at an offset, at the last record, or at a time") {
    scratch_folder folder;
    publisher one{folder, over.url()};
    one.send(50);
    must(one.out.flush(stage::durable, soon));
    const auto between = std::chrono::system_clock::now() + 2ms;
    REQUIRE(eventually([&] { return std::chrono::system_clock::now() > between; }));
    const auto at = must(one.out.send("t", "50")).at();
    one.send(10, 51);
    must(one.out.flush(stage::durable, soon));
    subscriber there{one.url, {.from = start::at, .at = at}};
    CHECK(there.take_all(11) == numbers(11, 50));
    subscriber last{one.url, {.from = start::last}};
    CHECK(last.take_all(1) == numbers(1, 60));
    subscriber since{one.url, {.from = start::since, .since = between}};
    CHECK(since.take_all(11) == numbers(11, 50));
}

OVER_EACH_WIRE("a full journal gives up the oldest that was published, and tells who has not had it") {
    scratch_folder folder;
    publisher one{folder, over.url(), {.bytes_max = 512u << 10, .segment_bytes = 64u << 10}};
    subscriber held{one.url, {.name = "held"}};
    must(one.out.wait_for_subscribers("t", 1, soon));
    must(held.in.close(soon));
    REQUIRE(eventually([&] { return one.out.subscribers("t") == 0; }));
    const std::string body(1000, 'x');
    for (int i = 0; i < 3000; ++i) must(one.out.send("t", body));
    const auto last = must(one.out.send("t", "last"));
    REQUIRE(fate(last, stage::durable) == "durable");
    CHECK(one.store.bytes_used() <= 640u << 10);

    subscriber all{one.url, {.from = start::first}};
    int came = 0;
    while (take(all.in) != "last") ++came;
    CHECK(came > 100);
    CHECK(came < 600);
    subscriber again{one.url, {.name = "held"}};
    const auto gap = again.in.recv(soon);
    REQUIRE(outcome(gap) == "gap");
    while (take(again.in) != "last") --came;
    CHECK(came == 0);
}

TEST_CASE("a journal that is older than what a subscriber has had is a conflict") {
    scratch_folder folder, copy;
    godwit::context ctx;
    const std::string url = "ipc://@godwit-older-" + std::to_string(::getpid());
    { publisher first{folder, url}; }
    std::filesystem::remove_all(copy.path());
    std::filesystem::copy(folder.path(), copy.path());
    std::optional<publisher> now;
    now.emplace(folder, url);
    subscriber one{url, {.from = start::first}};
    now->send(5);
    REQUIRE(one.take_all(5) == numbers(5));
    now.reset();
    for (const auto& each : std::filesystem::directory_iterator{folder.path()}) {
        if (each.path().filename() != "lock") std::filesystem::remove(each.path());
    }
    for (const auto& each : std::filesystem::directory_iterator{copy.path()}) {
        if (each.path().filename() != "lock")
            std::filesystem::copy(each.path(), folder.path() / each.path().filename());
    }
    now.emplace(folder, url);
    const auto refused = event_of(now->out, godwit::event_kind::mismatch);
    CAPTURE(refused.detail);
    CHECK(refused.detail.find("older copy") != std::string::npos);
    event_of(one.in, godwit::event_kind::mismatch);
}
