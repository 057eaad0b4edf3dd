#include "transaction/state_map.hpp"

#include <map>
#include <random>

#include "test_main.hpp"

using namespace godwit;
using godwit::detail::state_map;

namespace {

using model = std::map<std::string, std::string>;

model all_of(const state_view& view, std::string_view first = {}, std::optional<std::string_view> end = std::nullopt) {
    model found;
    std::string last;
    view.range(first, end, [&](std::string_view key, std::string_view value) {
        CHECK((found.empty() || last < key));
        last = key;
        found.emplace(key, value);
        return true;
    });
    return found;
}

std::uint64_t bytes_of(const model& of) {
    std::uint64_t all = 0;
    for (const auto& [key, value] : of) all += key.size() + value.size();
    return all;
}

void require_same(const state_view& view, const model& wanted) {
    REQUIRE(view.size() == wanted.size());
    REQUIRE(view.bytes() == bytes_of(wanted));
    REQUIRE(all_of(view) == wanted);
}

// Few, so that they meet; of bytes of all kinds.
std::string draw_key(std::mt19937_64& random) {
    std::string key;
    for (std::uint64_t left = random() % 3; left > 0; --left) key += static_cast<char>(random() % 5 * 60);
    return key;
}

}  // namespace

TEST_CASE("whatever is put and erased, the state is what std::map is, and each moment of it that was kept stays") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        std::mt19937_64 random{seed};
        state_map map;
        model wanted;
        std::vector<std::pair<state_view, model>> moments;
        for (int step = 0; step < 400; ++step) {
            const std::string key = draw_key(random);
            if (random() % 3 != 0) {
                const std::string value(random() % 20, static_cast<char>('a' + step % 26));
                map.put(key, value);
                wanted[key] = value;
            } else {
                REQUIRE(map.erase(key) == (wanted.erase(key) == 1));
            }
            const auto found = map.view().get(key);
            REQUIRE(found.has_value() == wanted.contains(key));
            if (found) REQUIRE(*found == wanted[key]);
            if (step % 50 == 0) moments.emplace_back(map.view(), wanted);
        }
        require_same(map.view(), wanted);
        for (const auto& [view, then] : moments) require_same(view, then);
        const std::string first = draw_key(random), end = draw_key(random);
        model between{wanted.lower_bound(first), first < end ? wanted.lower_bound(end) : wanted.lower_bound(first)};
        CHECK(all_of(map.view(), first, end) == between);
        CHECK(all_of(map.view(), first) == model{wanted.lower_bound(first), wanted.end()});
    }
}

TEST_CASE("a state made of sorted keys is the same as one that was put together, and can be changed as that") {
    for (const std::size_t count : {0u, 1u, 2u, 3u, 100u, 1000u}) {
        model wanted;
        for (std::size_t i = 0; i < count; ++i) wanted[std::to_string(i)] = std::to_string(i * i);
        state_map map = state_map::of_sorted({wanted.begin(), wanted.end()});
        require_same(map.view(), wanted);
        for (std::size_t i = 0; i < count; i += 2)
            REQUIRE(map.erase(std::to_string(i)) == (wanted.erase(std::to_string(i)) == 1));
        require_same(map.view(), wanted);
    }
}

TEST_CASE("a reader of a range ends it when it has enough") {
    state_map map;
    for (int i = 0; i < 100; ++i) map.put(std::to_string(i), "");
    int told = 0;
    map.view().for_each([&](std::string_view, std::string_view) { return ++told < 7; });
    CHECK(told == 7);
    CHECK_FALSE(state_view{}.get("a"));
}
