// A cut is the batch of the records that are wanted.
#include <string>

#include "base/batch.hpp"
#include "base/batch_parts.hpp"
#include "test_main.hpp"

using namespace batches;

namespace {

std::vector<offset_range> some_ranges(generator& random, offset first, offset last) {
    std::vector<offset_range> made;
    for (offset at = first - std::min<offset>(first, random.below(5)); at <= last + 5;) {
        const offset end = at + random.below(20);
        if (random.below(2) == 0) made.push_back({at, end});
        at = end + 1 + random.below(3);
    }
    return made;
}

bool contains(const std::vector<offset_range>& ranges, offset at) {
    for (const offset_range& each : ranges) {
        if (each.contains(at)) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a cut holds those records whose offsets are wanted, and passes every check") {
    generator random{3};
    for (int round = 0; round < 300; ++round) {
        std::vector<owned_record> records = random.records(80);
        batch_ref batch = batch_of(records);
        for (int depth = 0; depth < 3 && !batch.empty(); ++depth) {  // cuts of cuts
            const auto wanted = some_ranges(random, batch.view.first(), batch.view.last());
            batch = cut(batch.view, wanted);
            std::erase_if(records, [&wanted](const owned_record& each) { return !contains(wanted, each.at); });
            REQUIRE(batch.empty() == records.empty());
            if (batch.empty()) continue;
            const auto checked = batch_view::check(batch.view.data(), no_limit);
            REQUIRE(checked.has_value());
            REQUIRE(records_of(*checked) == records);
            CHECK(checked->first() == records.front().at);
            CHECK(checked->last() == records.back().at);
            CHECK(checked->sealed() == noon);
            CHECK(checked->stream() == stream);
            CHECK(batch.view.first() == checked->first());
        }
    }
}

TEST_CASE("a cut of everything has the same bytes") {
    generator random{5};
    for (int round = 0; round < 50; ++round) {
        const batch_ref batch = batch_of(random.records(40));
        const offset_range all{0, godwit::offset_max};
        CHECK(as_text(cut(batch.view, {&all, 1}).view.data()) == as_text(batch.view.data()));
    }
}

TEST_CASE("a cut of nothing is empty") {
    const batch_ref batch = batch_of({5, 9});
    CHECK(cut(batch.view, {}).empty());
    const std::vector<offset_range> beside{{0, 4}, {6, 8}, {10, 20}};
    CHECK(cut(batch.view, beside).empty());
    CHECK(cut(batch_view{}, beside).empty());
}

TEST_CASE("a cut leaves out the topics that none of its records has") {
    const std::string large(1000, 't');
    const batch_ref batch = batch_of({{.at = 1, .topic = large, .body = "a"},
                                      {.at = 2, .topic = "small", .body = "b"},
                                      {.at = 3, .topic = "other", .body = "c"},
                                      {.at = 4, .body = "d"}});
    const std::vector<offset_range> small{{2, 2}, {4, 4}};
    const batch_ref made = cut(batch.view, small);
    CHECK(made.view.data().size() == 64 + 2 * 13 + 8 + 5);
    CHECK(records_of(made.view) ==
          std::vector<owned_record>{{.at = 2, .topic = "small", .body = "b"}, {.at = 4, .body = "d"}});
    const std::vector<offset_range> none{{4, 4}};
    CHECK(cut(batch.view, none).view.data().size() == 64 + 13);
}

TEST_CASE("a cut without exceptions does not say that it has some") {
    const batch_ref batch = batch_of({{.at = 1, .body = "a"}, {.at = 2, .body = "b", .priority = 9}});
    REQUIRE(batch.view.has_exceptions());
    const std::vector<offset_range> plain{{1, 1}};
    const std::vector<offset_range> special{{2, 2}};
    CHECK_FALSE(cut(batch.view, plain).view.has_exceptions());
    CHECK(cut(batch.view, special).view.has_exceptions());
}
