#include "base/batch_builder.hpp"

#include <string>

#include "base/batch_parts.hpp"
#include "base/block.hpp"
#include "test_main.hpp"

using namespace batches;

TEST_CASE("a builder that nothing was added to has no batch") {
    batch_builder builder{stream};
    CHECK(builder.empty());
    CHECK(builder.size_bytes() == 0);
    CHECK(builder.seal(noon).empty());
}

TEST_CASE("a builder knows how large its batch will be") {
    generator random{13};
    for (int round = 0; round < 100; ++round) {
        batch_builder builder{stream};
        for (const owned_record& each : random.records(50)) REQUIRE(add(builder, each));
        const std::size_t expected = builder.size_bytes();
        CHECK(builder.seal(noon).view.data().size() == expected);
        CHECK(builder.empty());
        CHECK(builder.size_bytes() == 0);
    }
}

TEST_CASE("bodies alone have the same bytes by either way in") {
    generator random{17};
    batch_builder inlined{stream};
    batch_builder general{stream};
    for (offset at = 3; at < 2000; at += 1 + random.below(3)) {
        const std::string body = random.text(200);
        REQUIRE(inlined.add_body(at, as_bytes(body), no_limit));
        REQUIRE(general.add(at, {.body = as_bytes(body)}, no_limit));
        REQUIRE(inlined.size_bytes() == general.size_bytes());
    }
    CHECK(as_text(inlined.seal(noon).view.data()) == as_text(general.seal(noon).view.data()));
}

TEST_CASE("a full builder takes nothing more") {
    batch_builder builder{stream};
    CHECK(builder.add_body(1, as_bytes(std::string(36, 'x')), 100));  // 64 + 12 + 36: alone it may be larger
    CHECK(builder.size_bytes() == 112);
    CHECK_FALSE(builder.add_body(2, {}, 123));
    CHECK_FALSE(add(builder, {.at = 2}, 123));
    CHECK(builder.count() == 1);
    CHECK(builder.add_body(2, {}, 124));
    CHECK_FALSE(add(builder, {.at = 3, .topic = "t"}, 124 + 12 + 8));  // the topic counts
    CHECK(add(builder, {.at = 3, .topic = "t"}, 124 + 12 + 9));
    CHECK(add(builder, {.at = 4, .topic = "t"}, 124 + 24 + 9));  // once
    CHECK(builder.size_bytes() == 124 + 24 + 9);
    CHECK(offsets_of(builder.seal(noon).view) == std::vector<offset>{1, 2, 3, 4});
}

TEST_CASE("an offset too far from the first goes into another batch") {
    batch_builder builder{stream};
    REQUIRE(builder.add_body(10, {}, no_limit));
    REQUIRE(builder.add_body(11, {}, no_limit));
    CHECK_FALSE(builder.add_body(11 + (offset{1} << 32), {}, no_limit));
    CHECK(builder.add_body(10 + offset{UINT32_MAX}, {}, no_limit));
    const batch_ref made = builder.seal(noon);
    CHECK(made.view.last() == 10 + offset{UINT32_MAX});
    CHECK(builder.add_body(offset{1} << 60, {}, no_limit));
    CHECK(builder.first() == offset{1} << 60);
}

TEST_CASE("each topic is in a batch once, and a builder forgets them with the batch") {
    batch_builder builder{stream};
    for (offset at = 0; at < 3000; ++at) {
        REQUIRE(add(builder, {.at = at, .topic = "topic " + std::to_string(at % 300), .body = "b"}));
    }
    const batch_ref many = builder.seal(noon);
    std::size_t topics = 4;
    for (int i = 0; i < 300; ++i) topics += 4 + ("topic " + std::to_string(i)).size();
    CHECK(many.view.data().size() == 64 + 3000 * 13 + topics);
    record_view found;
    REQUIRE(many.view.find(2999, found));
    CHECK(found.topic == "topic 299");
    REQUIRE(add(builder, {.at = 5000, .topic = "topic 7", .body = "b"}));
    CHECK(builder.size_bytes() == 64 + 13 + 8 + 7);
    CHECK(records_of(builder.seal(noon).view).front().topic == "topic 7");
}

TEST_CASE("a batch lies in the memory that it was built in, unless that is much too large") {
    batch_builder builder{stream};
    const std::string body(100, 'x');
    for (offset at = 0; at < 500; ++at) REQUIRE(builder.add_body(at, as_bytes(body), no_limit));
    const std::size_t size = builder.size_bytes();
    const batch_ref large = builder.seal(noon);
    // The next memory is as large as this batch was: filled again, it needs no other.
    REQUIRE(builder.add_body(500, as_bytes(body), no_limit));
    for (offset at = 501; at < 1000; ++at) REQUIRE(builder.add_body(at, as_bytes(body), no_limit));
    CHECK(builder.size_bytes() == size);
    CHECK(builder.seal(noon).view.data().size() == size);
    // One record alone does not keep so much.
    REQUIRE(builder.add_body(1000, as_bytes(body), no_limit));
    const batch_ref small = builder.seal(noon);
    CHECK(small.view.data().size() == 176);
    CHECK(offsets_of(small.view) == std::vector<offset>{1000});
    CHECK(large.view.count() == 500);
}

TEST_CASE("a builder can be moved while it is filled") {
    batch_builder builder{stream};
    REQUIRE(add(builder, {.at = 1, .topic = "t", .body = "a"}));
    batch_builder moved{std::move(builder)};
    REQUIRE(add(moved, {.at = 2, .topic = "t", .body = "b"}));
    batch_builder other{{}};
    REQUIRE(add(other, {.at = 9, .body = "thrown away"}));
    other = std::move(moved);
    const batch_ref made = other.seal(noon);
    CHECK(made.view.stream() == stream);
    CHECK(records_of(made.view) ==
          std::vector<owned_record>{{.at = 1, .topic = "t", .body = "a"}, {.at = 2, .topic = "t", .body = "b"}});
}
