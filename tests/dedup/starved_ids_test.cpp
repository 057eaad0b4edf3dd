// RELIABILITY rows 31, 36, 37: ids of the user's choice without space, descriptors or memory: the call says so, what it did is
// nothing or all, and the next ones go on.
#include "conformance/failing_new.hpp"
#include "dedup/id_memory.hpp"
#include "godwit/once.hpp"
#include "journal/sim_directory.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using conformance::failing_new;
using journal_tests::sim_disk;

namespace {

using kept_ids = std::unique_ptr<id_memory>;

result<kept_ids> try_to_keep(sim_disk& disk) {
    disk.locked = false;
    return id_memory::open(disk.open(), {}, stage::stored, {system_time(), system_random()});
}

kept_ids keep_in(sim_disk& disk) {
    auto opened = try_to_keep(disk);
    if (!opened) FAIL(opened.error().what());
    return std::move(*opened);
}

bool is_fresh(id_memory& ids, const std::string& id) { return ids.claim({id}).value().what == claimed::fresh; }

void keep(id_memory& ids, const std::string& id, std::string_view reply = {}) {
    REQUIRE(is_fresh(ids, id));
    REQUIRE(ids.mark(id, reply));
}

// So large that the next mark writes its file anew.
[[maybe_unused]] std::unique_ptr<sim_disk> grown_disk() {
    auto disk = std::make_unique<sim_disk>();
    const auto ids = keep_in(*disk);
    keep(*ids, "a", std::string(1u << 20, 'r'));
    return disk->copy();
}

bool has_unfinished(const sim_disk& disk) {
    const auto names = disk.names();
    return std::ranges::any_of(names, [](const std::string& one) { return one.ends_with(".new"); });
}

// A store that cannot give back.
struct keeping_store final : dedup_store {
    result<claim_answer> claim(const chosen_id&) override { return claim_answer{}; }
    status mark(std::string_view, std::optional<std::string_view>) override { return {}; }
    status release(std::string_view) override { throw std::bad_alloc{}; }
    result<id_time> known_since() override { return id_time{}; }
};

}  // namespace

TEST_CASE("RELIABILITY 31: a file of ids that finds no space leaves no half of it behind") {
    sim_disk disk;
    disk.bytes_max = 10;
    CHECK(try_to_keep(disk).failed(errc::full));
    CHECK_FALSE(has_unfinished(disk));
    disk.bytes_max = ~std::uint64_t{0};
    keep(*keep_in(disk), "a");
}

TEST_CASE("RELIABILITY 36: a file of ids that is not written anew, for want of a descriptor, grows on") {
    sim_disk disk;
    auto ids = keep_in(disk);
    keep(*ids, "a", std::string(1u << 20, 'r'));
    disk.fail_with = errc::no_resources;
    disk.fail_at = disk.calls + 1;  // the new file
    keep(*ids, "b");
    REQUIRE(disk.calls >= disk.fail_at);
    const std::size_t names = disk.names().size();
    keep(*ids, "c");
    CHECK(disk.names().size() == names);
    ids.reset();
    ids = keep_in(disk);
    for (const char* id : {"a", "b", "c"}) CHECK(ids->claim({id}).value().what == claimed::done);
}

TEST_CASE("an id that cannot be given back leaves the handler's own exception as it is") {
    keeping_store ids;
    delivery order{message::make({.headers = {{"message_id", "7"}}}).value()};
    CHECK_THROWS_AS(handle_once(ids, order, [](delivery&) { throw std::runtime_error{"no paper"}; }),
                    std::runtime_error);
}

// With the thread sanitizer no allocation fails: see failing_new.cpp.
#if !defined(__SANITIZE_THREAD__)

TEST_CASE("RELIABILITY 37: a mark that throws has gathered nothing, and its id can be given back") {
    std::size_t thrown = 0;
    for (std::size_t which = 1;; ++which) {
        INFO("allocation " << which);
        sim_disk disk;
        auto ids = keep_in(disk);
        REQUIRE(is_fresh(*ids, "b"));
        bool threw = false, met = false;
        status marked;
        {
            const failing_new failing{which};
            try {
                marked = ids->mark("b", "a reply that is not short");
            } catch (const std::bad_alloc&) {
                threw = true;
            }
            met = failing_new::has_failed();
        }
        if (!met) {
            REQUIRE(marked);
            break;
        }
        if (!threw) continue;
        ++thrown;
        REQUIRE(ids->release("b"));
        keep(*ids, "c");
        ids.reset();
        REQUIRE(is_fresh(*keep_in(disk), "b"));
    }
    CHECK(thrown > 2);
}

TEST_CASE("RELIABILITY 37: a file of ids that finds no memory to be written anew grows on") {
    const auto grown = grown_disk();
    std::size_t made_up_for = 0;
    for (std::size_t which = 1;; ++which) {
        INFO("allocation " << which);
        const auto disk = grown->copy();
        auto ids = keep_in(*disk);
        keep(*ids, "b", std::string(4u << 20, 'r'));
        REQUIRE(is_fresh(*ids, "c"));
        bool met = false;
        std::optional<status> marked;  // nothing: it threw
        {
            const failing_new failing{which};
            try {
                marked = ids->mark("c", {});
            } catch (const std::bad_alloc&) {}
            met = failing_new::has_failed();
        }
        if (!met) break;
        if (!marked) continue;
        REQUIRE((*marked || marked->failed(errc::no_resources)));
        if (!*marked) continue;
        ++made_up_for;
        ids.reset();
        REQUIRE(keep_in(*disk)->claim({"c"}).value().what == claimed::done);
    }
    CHECK(made_up_for > 2);
}

TEST_CASE("RELIABILITY 37: a store of ids that ends without memory ends, and its ids are there") {
    for (std::size_t which = 1;; ++which) {
        INFO("allocation " << which);
        sim_disk disk;
        auto ids = keep_in(disk);
        keep(*ids, "a");
        bool met = false;
        {
            const failing_new failing{which};
            ids.reset();
            met = failing_new::has_failed();
        }
        REQUIRE(keep_in(disk)->claim({"a"}).value().what == claimed::done);
        if (!met) break;
    }
}

#endif
