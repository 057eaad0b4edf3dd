#include "base/range_set.hpp"

#include <random>
#include <set>
#include <vector>

#include "test_main.hpp"

using godwit::offset;
using godwit::offset_range;
using godwit::detail::range_set;

namespace {

// The ranges are ascending, do not touch, and count what they hold.
void check_shape(const range_set& set) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < set.ranges().size(); ++i) {
        const offset_range& range = set.ranges()[i];
        REQUIRE(range.first <= range.last);
        if (i > 0) REQUIRE(set.ranges()[i - 1].last + 1 < range.first);
        count += range.count();
    }
    REQUIRE(count == set.count());
    REQUIRE(set.empty() == (count == 0));
}

std::vector<offset> in(const range_set& set, offset_range of) {
    std::vector<offset> found;
    set.for_each_in(of, [&found](offset_range part) {
        for (offset at = part.first; at <= part.last; ++at) found.push_back(at);
    });
    return found;
}

std::vector<offset> missing(const range_set& set, offset_range of) {
    std::vector<offset> found;
    set.for_each_missing_in(of, [&found](offset_range part) {
        for (offset at = part.first; at <= part.last; ++at) found.push_back(at);
    });
    return found;
}

}  // namespace

TEST_CASE("a range_set is a set of offsets") {
    std::mt19937 random{11};
    for (int round = 0; round < 50; ++round) {
        range_set set;
        std::set<offset> expected;
        const offset end = 20 + random() % 200;
        for (int step = 0; step < 200; ++step) {
            const offset first = random() % end;
            const offset_range range{first, std::min(end, first + random() % 12)};
            const bool adding = random() % 2 == 0;
            std::uint64_t changed = 0;
            for (offset at = range.first; at <= range.last; ++at) {
                changed += adding ? expected.insert(at).second : expected.erase(at);
            }
            REQUIRE((adding ? set.add(range) : set.remove(range)) == changed);
            check_shape(set);
        }
        std::vector<offset> absent;
        for (offset at = 0; at <= end; ++at) {
            REQUIRE(set.contains(at) == (expected.count(at) == 1));
            if (expected.count(at) == 0) absent.push_back(at);
            offset above = at;
            while (expected.count(above) == 1) ++above;
            REQUIRE(set.first_missing(at) == above);
        }
        REQUIRE(in(set, {0, end}) == std::vector<offset>(expected.begin(), expected.end()));
        REQUIRE(missing(set, {0, end}) == absent);
    }
}

TEST_CASE("parts of a range are cut to it") {
    range_set set;
    set.add({10, 19});
    set.add({30, 39});
    CHECK(in(set, {15, 31}) == std::vector<offset>{15, 16, 17, 18, 19, 30, 31});
    CHECK(missing(set, {18, 31}) == std::vector<offset>{20, 21, 22, 23, 24, 25, 26, 27, 28, 29});
    CHECK(missing(set, {38, 41}) == std::vector<offset>{40, 41});
    CHECK(in(set, {20, 29}).empty());
    CHECK(missing(set, {11, 12}).empty());
    CHECK(set.first() == 10);
    CHECK(set.last() == 39);
}

TEST_CASE("what is added one behind the other stays one range") {
    range_set set;
    for (offset at = 5; at < 10'000; ++at) CHECK(set.add(at) == 1);
    CHECK(set.ranges().size() == 1);
    CHECK(set.add({0, 4}) == 5);
    CHECK(set.ranges().size() == 1);
    CHECK(set.add({0, 9'999}) == 0);
    set.clear();
    CHECK(set.empty());
    CHECK(set.add(3) == 1);
}

TEST_CASE("the highest offset is one like the others") {
    range_set set;
    CHECK(set.add({godwit::offset_max - 1, godwit::offset_max}) == 2);
    CHECK(set.contains(godwit::offset_max));
    CHECK(missing(set, {godwit::offset_max - 2, godwit::offset_max}) == std::vector<offset>{godwit::offset_max - 2});
    CHECK(set.remove(godwit::offset_max) == 1);
    CHECK(set.last() == godwit::offset_max - 1);
}
