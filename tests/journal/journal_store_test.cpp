// What a journal that is open does of itself, and what it says when it cannot: over a disk that the test fills, and that
// counts what is read of it.
#include <algorithm>

#include "journal/segment_writer.hpp"
#include "journal/store_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;

namespace {

constexpr std::uint64_t no_limit = ~std::uint64_t{0};

struct open_stream {
    explicit open_stream(store_world& world, sim_disk& disk)
        : store{world.open(disk).value()}, id{store->stream_named("s").value()} {}
    journal_store* operator->() const { return store.get(); }
    appended append(std::string_view body, stage wanted = stage::durable) const {
        return journal_tests::append(*store, id, body, wanted);
    }
    // A record that is larger than a segment, by who is told of it.
    log_answer submit(const std::shared_ptr<log_listener>& who, log_ticket& ticket) const {
        entry one;
        const std::string body(5000, 'x');
        one.batches.push_back(batch_of(id, {{id, std::max<offset>(1, store->next_offset(id)), body}}));
        return store->submit(std::move(one), stage::durable, who, ticket);
    }
    std::shared_ptr<journal_store> store;
    stream_id id;
};

std::optional<log_event> next_event(log_listener& of) {
    std::optional<log_event> event;
    (void)eventually([&] { return (event = of.take()).has_value(); });
    return event;
}

const std::string large(3000, 'x');

}  // namespace

TEST_CASE("a stream that a sender has takes no append, and takes them again when it is given back") {
    store_world world;
    sim_disk disk;
    const open_stream s{world, disk};
    REQUIRE(s->lend(s.id));
    CHECK_FALSE(s->lend(s.id));
    const appended refused = s.append("refused");
    CHECK(refused.kept.failed(errc::locked));
    CHECK_FALSE(refused.at);
    s->take_back(s.id);
    CHECK(s.append("taken").at == 1);
    CHECK(all_of(*s.store, s.id) == std::vector<kept_record>{{s.id, 1, "taken"}});
}

TEST_CASE("what nobody waits for is written and seen without another call") {
    store_world world;
    sim_disk disk;
    const open_stream s{world, disk};
    s.append("first").kept.value();
    const std::uint64_t calls = disk.calls;
    REQUIRE(eventually(
        [&] { return disk.calls >= calls + 2; }));  // the idle mark: from now on its thread has nothing to do
    CHECK(s.append("alone", stage::accepted).at == 2);
    CHECK(eventually([&] { return s->visible(s.id) == 3; }));
}

TEST_CASE("a record is seen when it is synced, and not before") {
    store_world world;
    sim_disk disk;
    const open_stream s{world, disk};
    s.append("kept").kept.value();
    disk.fail_at = disk.calls + 2;  // behind the write
    CHECK(s.append("lost").kept.failed(errc::io));
    CHECK(s->visible(s.id) == 2);
    CHECK(all_of(*s.store, s.id).size() == 1);
    CHECK(s->health().failed(errc::io));
    CHECK(s.append("more").kept.failed(errc::io));
}

TEST_CASE("RELIABILITY 31: a full disk takes nothing, keeps what it has, and takes more when there is space") {
    store_world world;
    sim_disk disk;
    std::vector<kept_record> kept;
    std::optional<open_stream> opened{std::in_place, world, disk};
    const open_stream& s = *opened;
    disk.bytes_max = 20u << 10;
    appended last;
    for (int i = 0; i < 100; ++i) {
        last = s.append(std::to_string(i) + large);
        if (!last.kept) break;
        kept.push_back({s.id, *last.at, std::to_string(i) + large});
    }
    REQUIRE(last.kept.failed(errc::full));
    CHECK(s->health());
    CHECK(all_of(*s.store, s.id) == kept);
    const std::uint64_t calls = disk.calls;
    CHECK(eventually([&] { return disk.calls > calls; }));  // its idle mark finds no space, and nothing ends for that
    disk.bytes_max = no_limit;
    last = s.append("again");
    last.kept.value();
    kept.push_back({s.id, *last.at, "again"});
    CHECK(kept.back().at == kept[kept.size() - 2].at + 1);
    CHECK(all_of(*s.store, s.id) == kept);
    s->close().value();
    opened.reset();
    const open_stream again{world, disk};
    CHECK(all_of(*again.store, again.id) == kept);
}

TEST_CASE("RELIABILITY 31: for what is told later, a full disk is tried again, with pauses") {
    store_world world;
    sim_disk disk;
    const open_stream s{world, disk};
    s.append("kept").kept.value();
    disk.bytes_max = 0;
    const auto who = std::make_shared<log_listener>();
    log_ticket ticket;
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t calls = disk.calls;
    REQUIRE(s.submit(who, ticket) == log_answer::pending);
    CHECK(eventually([&] { return disk.calls > calls + 24; }));
    CHECK(std::chrono::steady_clock::now() - begin > std::chrono::milliseconds{200});
    CHECK_FALSE(who->take());
    disk.bytes_max = no_limit;
    const auto event = next_event(*who);
    REQUIRE(event);
    CHECK(event->what == log_event::kind::kept);
    CHECK(event->ticket.number == ticket.number);
    CHECK(all_of(*s.store, s.id).size() == 2);
}

TEST_CASE("RELIABILITY 31: what cannot be written when a journal is closed fails, and who waits for it is told") {
    store_world world;
    sim_disk disk;
    const open_stream s{world, disk};
    s.append("kept").kept.value();
    disk.bytes_max = 0;
    const auto who = std::make_shared<log_listener>();
    log_ticket ticket;
    for (int i = 0; i < 3; ++i) REQUIRE(s.submit(who, ticket) == log_answer::pending);
    CHECK(s->close().failed(errc::full));
    for (std::uint64_t number = ticket.number - 2; number <= ticket.number; ++number) {
        const auto event = who->take();
        REQUIRE(event);
        CHECK(event->what == log_event::kind::failed);
        CHECK(event->why.failed(errc::full));
        CHECK(event->ticket.number == number);
    }
    CHECK_FALSE(who->take());
}

TEST_CASE("an offset that was settled before its record was written is never given again") {
    store_world world;
    sim_disk disk;
    stream_id stream;
    {
        const open_stream s{world, disk};
        stream = s.id;
        s.append("kept").kept.value();
        entry settles;
        const offset_range ahead{2, 9};
        settles.notes.push_back(note_of(note::kind::settlement, s.id, ranges_as_bytes({&ahead, 1})));
        log_ticket ticket;
        REQUIRE(s->submit(std::move(settles), stage::durable, nullptr, ticket) == log_answer::pending);
        s->wait(ticket, stage::durable, journal_store::clock::time_point::max()).value();
        s->close().value();
    }
    const open_stream again{world, disk};
    CHECK(again->recovered().clean);
    const appended next = again.append("next");
    next.kept.value();
    CHECK(*next.at >= 10);
    CHECK(all_of(*again.store, stream) == std::vector<kept_record>{{stream, 1, "kept"}, {stream, *next.at, "next"}});
}

TEST_CASE("what was written last is read from memory, however much was let go before") {
    store_world world;
    world.options.cache_bytes = 64u << 10;
    sim_disk disk;
    const open_stream s{world, disk};
    for (offset i = 1; i <= 200; ++i) {
        s.append(large, stage::stored).kept.value();
        const offset_range done{i, i};
        s->release(s.id, {&done, 1});
    }
    for (int i = 0; i < 15; ++i) s.append(large).kept.value();
    const std::uint64_t reads = disk.reads;
    CHECK(all_of(*s.store, s.id).size() == 15);
    CHECK(disk.reads == reads);
}

TEST_CASE("RELIABILITY 27: an error of a read is said, and what is in memory is read on, and written to") {
    store_world world;
    world.options.cache_bytes = 8u << 10;
    sim_disk disk;
    const open_stream s{world, disk};
    for (int i = 0; i < 10; ++i) s.append(std::to_string(i) + large).kept.value();
    disk.reads_fail = true;
    CHECK(s->read_now(s.id, 1).failed(errc::io));
    CHECK(s->health());  // who asked was told
    const auto who = std::make_shared<log_listener>();
    REQUIRE(s->read(s.id, 1, who).answer == log_answer::pending);
    const auto event = next_event(*who);
    REQUIRE(event);
    CHECK(event->what == log_event::kind::readable);
    CHECK(s->health().failed(errc::io));
    CHECK(s->read(s.id, 10, who).answer == log_answer::done);
    CHECK(s.append("more").at == 11);
    CHECK(s->read(s.id, 11, who).answer == log_answer::done);
    disk.reads_fail = false;
    CHECK(all_of(*s.store, s.id).size() == 11);
}

TEST_CASE("RELIABILITY 20: an idle journal marks its last record as durable, so that damage to it is known as damage") {
    store_world world;
    sim_disk disk;
    const std::string name = segment_name(1);
    std::unique_ptr<sim_disk> image;
    std::mt19937_64 random;
    {
        const open_stream s{world, disk};
        s.append("kept").kept.value();
        const std::uint64_t calls = disk.calls;
        REQUIRE(eventually([&] { return disk.calls >= calls + 2; }));  // written and synced
        disk.crash_at = 1;
        image = disk.after_crash(random, loss::all);
    }
    const content& bytes_of = image->file_content(name);
    const std::string_view word = "kept";
    const auto same = [](std::byte a, char b) { return a == static_cast<std::byte>(b); };
    const auto at = std::search(bytes_of.begin(), bytes_of.end(), word.begin(), word.end(), same) - bytes_of.begin();
    image->file_content(name)[static_cast<std::size_t>(at)] ^= std::byte{1};
    CHECK(world.open(*image).failed(errc::corrupt));
}
