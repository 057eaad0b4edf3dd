// RELIABILITY row 37: the N-th allocation of a journal fails, for each N: the call says `no_resources` or throws
// std::bad_alloc, and what it did is nothing, or all, or to be known after the next opening.
#include "conformance/allocation.hpp"
#include "journal/store_world.hpp"

// With the thread sanitizer no allocation fails: see failing_new.cpp.
#if !defined(__SANITIZE_THREAD__)

using namespace journal_tests;
using conformance::failing_new;
using conformance::sweep;

namespace {

template <class T>
std::string outcome(const T& what) {
    return what ? "ok" : std::string{godwit::name(what.error().code())};
}

class told {
public:
    // What may be there from now on.
    std::string next() { return bodies_.emplace_back(std::to_string(bodies_.size()) + std::string(200, 'x')); }
    void confirm() { confirmed_.push_back(bodies_.back()); }
    // All that was confirmed, each once, in its order, and nothing that was never said.
    void judge(sim_disk& disk) const {
        store_world world;
        const auto store = world.open(disk).value();
        std::vector<std::string> found;
        for (const kept_record& one : all_of(*store, store->stream_named("s").value())) found.push_back(one.body);
        auto said = bodies_.begin();
        for (const std::string& one : found) {
            said = std::find(said, bodies_.end(), one);
            REQUIRE(said != bodies_.end());
            ++said;
        }
        for (const std::string& one : confirmed_) REQUIRE(std::ranges::count(found, one) == 1);
    }

private:
    std::vector<std::string> bodies_, confirmed_;
};

}  // namespace

TEST_CASE("RELIABILITY 37: an append whose allocations fail takes nothing, or is told apart at the next opening") {
    sim_disk disk;
    store_world world;
    told said;
    auto store = world.open(disk).value();
    const auto stream = store->stream_named("s").value();
    const auto append_one = [&] {
        const auto body = said.next();
        const auto done = append(*store, stream, body);
        if (done.kept) said.confirm();
        return outcome(done.kept);
    };
    REQUIRE(append_one() == "ok");
    const auto seen = sweep(append_one, [&] {
        if (!store->health()) store.reset(), store = world.open(disk).value();
        REQUIRE(append_one() == "ok");
    });
    CHECK(seen.failed > 5);
    store->close().value();
    store.reset();
    said.judge(disk);
}

TEST_CASE(
    "RELIABILITY 37: an opening whose allocations fail is refused, changes nothing that counts, and is made again") {
    sim_disk disk;
    store_world world;
    told said;
    {
        const auto store = world.open(disk).value();
        const auto stream = store->stream_named("s").value();
        for (int i = 0; i < 12; ++i) {
            REQUIRE(append(*store, stream, said.next()).kept);
            said.confirm();
        }
    }
    // The same disk each time, so that there is an end: what an opening leaves is looked at, and thrown away.
    auto tried = disk.copy();
    const auto seen = sweep([&] { return outcome(world.open(*tried)); },
                            [&] {
                                said.judge(*tried);
                                tried = disk.copy();
                            });
    CHECK(seen.failed > 20);
}

TEST_CASE("RELIABILITY 37: a read, a release and a stream whose allocations fail are made again") {
    sim_disk disk;
    store_world world;
    world.options.cache_bytes = 1;
    const auto store = world.open(disk).value();
    const auto stream = store->stream_named("s").value();
    for (int i = 0; i < 40; ++i) REQUIRE(append(*store, stream, std::string(200, 'x')).kept);
    offset next = 1;
    sweep(
        [&] {
            const auto got = store->read_now(stream, next);
            if (got) next = next % 30 + 7;
            return outcome(got);
        },
        [] {});
    int made = 0;
    sweep([&] { return outcome(store->stream_named("stream " + std::to_string(made))); },
          [&] { REQUIRE(store->stream_named("stream " + std::to_string(made++))); });
    offset done = 1;
    sweep(
        [&] {
            const offset_range one{done, done};
            store->release(stream, {&one, 1});
            return std::string{"ok"};
        },
        [&] {
            const offset_range one{done, done};
            store->release(stream, {&one, 1});
            REQUIRE(store->is_released(stream, done));
            done += 2;
        });
    REQUIRE(store->health());
    CHECK(store->stream_names().size() == static_cast<std::size_t>(made) + 2);
}

#endif
