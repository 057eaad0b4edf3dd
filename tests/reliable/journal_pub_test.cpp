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

// Puts the files of one journal in place of another's, as they are now: `to` stands where it stood.
void put_back(const scratch_folder& from, const scratch_folder& to) {
    namespace fs = std::filesystem;
    fs::create_directories(to.path());
    for (const auto& each : fs::directory_iterator{to.path()}) {
        if (each.path().filename() != "lock") fs::remove(each.path());
    }
    for (const auto& each : fs::directory_iterator{from.path()}) {
        if (each.path().filename() != "lock") fs::copy(each.path(), to.path() / each.path().filename());
    }
}

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

OVER_EACH_WIRE("a named subscriber goes on where its hold is, through a restart of both") {
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
    // A hold is to the batch: some of what was acked may come again.
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
    const std::string url = "ipc://@godwit-older-" + std::to_string(::getpid());
    { publisher first{folder, url}; }
    put_back(folder, copy);
    std::optional<publisher> now;
    now.emplace(folder, url);
    subscriber one{url, {.from = start::first}};
    now->send(5);
    REQUIRE(one.take_all(5) == numbers(5));
    now.reset();
    put_back(copy, folder);
    now.emplace(folder, url);
    const auto refused = event_of(now->out, godwit::event_kind::conflict);
    CAPTURE(refused.detail);
    CHECK(refused.detail.find("older copy") != std::string::npos);
    event_of(one.in, godwit::event_kind::conflict);
}

// What is on the disk while a publisher is at work is what its crash would leave.
TEST_CASE("after an unclean end of its publisher a subscriber is told no gap, and is not behind") {
    scratch_folder folder, crashed;
    const std::string url = "ipc://@godwit-crashed-" + std::to_string(::getpid());
    std::optional<publisher> now;
    now.emplace(folder, url);
    subscriber one{url, {.from = start::first}};
    must(now->out.wait_for_subscribers("t", 1, soon));
    now->send(5);
    REQUIRE(one.take_all(5) == numbers(5));
    must(now->out.flush(stage::durable, soon));
    put_back(folder, crashed);
    now.reset();
    put_back(crashed, folder);
    now.emplace(folder, url);
    REQUIRE_FALSE(now->store.recovered().clean);
    must(now->out.wait_for_subscribers("t", 1, soon));
    subscriber last{url, {.from = start::last}};
    REQUIRE(take(last.in) == "4");
    REQUIRE(eventually([&] { return now->out.delivery_counters().unsettled == 0; }));
    now->send(3, 5);
    REQUIRE(one.take_all(3) == numbers(3, 5));
    REQUIRE(one.in.delivery_counters().gaps == 0);
}

TEST_CASE("what a subscription cannot ask for is refused by name") {
    godwit::context ctx;
    godwit::sub long_name{ctx, quick(), subscription{.name = std::string(129, 'n')}};
    REQUIRE(outcome(long_name.connect("inproc://x")) == "invalid_argument");
    godwit::sub beyond{ctx, quick(), subscription{.from = start::at, .at = std::uint64_t{1} << 63}};
    REQUIRE(outcome(beyond.connect("inproc://x")) == "invalid_argument");
}

TEST_CASE("a push takes no stream of which something may be given up") {
    scratch_folder folder;
    auto store = must(journal::open(folder.path()));
    godwit::context ctx;
    godwit::push drops{ctx, quick(), must(store.stream("a", {.drop_oldest = true})), brisk()};
    REQUIRE(outcome(drops.bind("inproc://a")) == "unsupported");
    godwit::push ages{ctx, quick(), must(store.stream("b", {.age_max = 1h})), brisk()};
    REQUIRE(outcome(ages.bind("inproc://b")) == "unsupported");
}
