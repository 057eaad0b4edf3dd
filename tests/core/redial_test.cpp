#include "core/redial.hpp"

#include <random>

#include "test_main.hpp"

using godwit::detail::redial;
using namespace std::chrono_literals;
using moment = redial::clock::time_point;

namespace {

constexpr moment start{1000h};
constexpr auto never = moment::max();
constexpr std::uint64_t highest = ~std::uint64_t{0};

// The random number that draws the longest pause below or at the ceiling.
std::uint64_t longest_draw(redial::clock::duration ceiling, redial::clock::duration shortest) {
    return static_cast<std::uint64_t>((ceiling - shortest).count());
}

}  // namespace

TEST_CASE("a fresh redial has nothing due, ever") {
    redial pauses{100ms, 5s};
    CHECK(pauses.next() == never);
    CHECK_FALSE(pauses.take_due(start));
    pauses.still_trying("e");
    pauses.succeeded("e");
    CHECK(pauses.next() == never);
}

TEST_CASE("the first pause is the shortest, then the ceiling doubles up to the longest") {
    redial pauses{100ms, 1s};
    for (const auto ceiling : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms, 1000ms}) {
        redial copy = pauses;
        copy.gave_up("e", start, longest_draw(ceiling, 100ms));
        CHECK(copy.next() == start + ceiling);
        redial over = pauses;
        over.gave_up("e", start, longest_draw(ceiling, 100ms) + 1);  // wraps: the range is exact
        CHECK(over.next() == start + 100ms);
        pauses.gave_up("e", start, 0);
        CHECK(pauses.next() == start + 100ms);
    }
}

TEST_CASE("whatever is drawn, a pause is neither below the shortest nor above the ceiling, for thousands of failures") {
    std::mt19937_64 random{7};
    using ms = std::chrono::milliseconds;
    for (const auto& [shortest, longest] :
         std::initializer_list<std::pair<ms, ms>>{{1ms, 1ms}, {100ms, 5s}, {1h, 24h}, {1ms, 24h}}) {
        redial pauses{shortest, longest};
        for (int failures = 0; failures < 3000; ++failures) {
            const std::uint64_t drawn = failures % 3 == 0 ? highest : failures % 3 == 1 ? 0 : random();
            pauses.gave_up("e", start, drawn);
            const auto ceiling = failures > 30 ? longest : std::min<ms>(longest, shortest * (1LL << failures));
            REQUIRE(pauses.next() >= start + shortest);
            REQUIRE(pauses.next() <= start + ceiling);
        }
    }
}

TEST_CASE("the jitter is spread over the whole range") {
    std::mt19937_64 random{11};
    int low = 0, high = 0;
    for (int i = 0; i < 1000; ++i) {
        redial pauses{100ms, 10s};
        for (int failures = 0; failures < 10; ++failures) pauses.gave_up("e", start, random());
        (pauses.next() < start + 5s ? low : high) += 1;
    }
    CHECK(low > 400);
    CHECK(high > 400);
}

TEST_CASE("what is due is taken once, at its time and not before") {
    redial pauses{100ms, 1s};
    pauses.gave_up("e", start, 0);
    CHECK_FALSE(pauses.take_due(start + 99ms));
    CHECK(pauses.take_due(start + 100ms) == "e");
    CHECK_FALSE(pauses.take_due(start + 1h));
    CHECK(pauses.next() == never);
}

TEST_CASE("endpoints wait each for itself, and next is the earliest") {
    redial pauses{100ms, 1s};
    pauses.gave_up("a", start, 0);
    pauses.gave_up("b", start + 10ms, 0);
    CHECK(pauses.next() == start + 100ms);
    CHECK(pauses.take_due(start + 1s) == "a");
    CHECK(pauses.next() == start + 110ms);
    CHECK(pauses.take_due(start + 1s) == "b");
    CHECK_FALSE(pauses.take_due(start + 1s));
}

TEST_CASE("while libzmq still tries by itself nothing is due, but the failures are remembered") {
    redial pauses{100ms, 1s};
    pauses.gave_up("e", start, 0);
    pauses.gave_up("e", start, 0);
    pauses.still_trying("e");
    CHECK(pauses.next() == never);
    CHECK_FALSE(pauses.take_due(start + 1h));
    pauses.gave_up("e", start, longest_draw(400ms, 100ms));
    CHECK(pauses.next() == start + 400ms);
}

TEST_CASE("a success forgets the failures of its own endpoint alone") {
    redial pauses{100ms, 1s};
    for (int i = 0; i < 3; ++i) {
        pauses.gave_up("a", start, 0);
        pauses.gave_up("b", start, 0);
    }
    pauses.succeeded("a");
    CHECK(pauses.next() == start + 100ms);
    CHECK(pauses.take_due(start + 1s) == "b");
    CHECK(pauses.next() == never);
    pauses.gave_up("a", start, highest);
    CHECK(pauses.next() == start + 100ms);
    pauses.gave_up("b", start, longest_draw(800ms, 100ms));
    CHECK(pauses.take_due(start + 100ms) == "a");
    CHECK(pauses.next() == start + 800ms);
}
