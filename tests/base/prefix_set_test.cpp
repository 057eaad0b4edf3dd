#include "base/prefix_set.hpp"

#include <pthread.h>

#include <map>
#include <random>
#include <string>

#include "test_main.hpp"

using godwit::detail::prefix_set;
using namespace std::string_view_literals;

namespace {

// The same by brute force.
struct model {
    std::map<std::string, int, std::less<>> copies;

    bool add(std::string_view prefix) { return ++copies[std::string{prefix}] == 1; }
    bool remove(std::string_view prefix) {
        const auto found = copies.find(prefix);
        if (found == copies.end()) return false;
        if (--found->second == 0) copies.erase(found);
        return true;
    }
    bool contains(std::string_view prefix) const { return copies.contains(prefix); }
    bool matches(std::string_view topic) const {
        for (const auto& [prefix, count] : copies) {
            if (topic.starts_with(prefix)) return true;
        }
        return false;
    }
};

}  // namespace

TEST_CASE("an empty set matches nothing, the empty prefix everything") {
    prefix_set set;
    CHECK_FALSE(set.matches(""));
    CHECK_FALSE(set.matches("a"));
    CHECK_FALSE(set.contains(""));
    CHECK_FALSE(set.remove(""));
    CHECK(set.size() == 0);
    CHECK(set.add(""));
    CHECK(set.matches(""));
    CHECK(set.matches("\0\xff"sv));
    CHECK(set.size() == 1);
    CHECK(set.remove(""));
    CHECK_FALSE(set.matches(""));
    CHECK(set.size() == 0);
}

TEST_CASE("a prefix added twice stays until it is removed twice") {
    prefix_set set;
    CHECK(set.add("eur"));
    CHECK_FALSE(set.add("eur"));
    CHECK(set.size() == 1);
    CHECK(set.remove("eur"));
    CHECK(set.matches("eur.usd"));
    CHECK(set.remove("eur"));
    CHECK_FALSE(set.matches("eur.usd"));
    CHECK_FALSE(set.remove("eur"));
}

TEST_CASE("prefixes that share a beginning do not disturb one another") {
    prefix_set set;
    for (const auto prefix : {"abcde", "abc", "abx", "a\xff", "a\x01"}) CHECK(set.add(prefix));
    CHECK_FALSE(set.matches("ab"));
    CHECK_FALSE(set.contains("ab"));
    CHECK_FALSE(set.remove("ab"));
    CHECK_FALSE(set.remove("abcd"));
    CHECK_FALSE(set.remove("abcdef"));
    CHECK(set.matches("abcd"));
    CHECK(set.remove("abc"));
    CHECK_FALSE(set.matches("abcd"));
    CHECK(set.matches("abcdef"));
    CHECK(set.matches("a\xff\xff"));
    CHECK(set.size() == 4);
}

TEST_CASE("random operations agree with a list of prefixes") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random{seed};
        prefix_set set;
        model expected;
        const unsigned letters = 2 + seed % 3;
        const auto text = [&] {
            std::string made(random() % 9, ' ');
            for (char& each : made)
                each =
                    "\0\xff"
                    "ab"[random() % letters];
            return made;
        };
        for (int step = 0; step < 3000; ++step) {
            const std::string each = text();
            if (random() % 2 == 0) {
                REQUIRE(set.add(each) == expected.add(each));
            } else {
                REQUIRE(set.remove(each) == expected.remove(each));
            }
            REQUIRE(set.size() == expected.copies.size());
            const std::string asked = text();
            REQUIRE(set.matches(asked) == expected.matches(asked));
            REQUIRE(set.contains(asked) == expected.contains(asked));
        }
        while (!expected.copies.empty()) {
            const std::string last = expected.copies.begin()->first;
            REQUIRE(set.remove(last) == expected.remove(last));
        }
        REQUIRE(set.size() == 0);
        REQUIRE_FALSE(set.matches("aaaaaaaaa"));
    }
}

TEST_CASE("prefixes may be 64 KiB long, and nested as deep") {
    const std::string longest(64 << 10, 'x');
    prefix_set set;
    // From the longest to the shortest is the dear way: each splits the one before.
    for (std::size_t length = longest.size(); length > 0; length -= 512) set.add({longest.data(), length});
    CHECK(set.size() == 128);
    CHECK(set.matches(longest));
    CHECK(set.matches({longest.data(), 512}));
    CHECK_FALSE(set.matches({longest.data(), 511}));
    prefix_set chain;
    std::string deep;
    for (int level = 0; level < (64 << 10); ++level) {
        deep += level % 2 == 0 ? 'a' : 'b';
        if (level % 128 == 127) chain.add(deep);
    }
    CHECK(chain.size() == 512);
    CHECK(chain.matches(deep));
    CHECK(chain.contains(deep));
    CHECK_FALSE(chain.matches("abb"));
}

TEST_CASE("a hundred thousand prefixes are told apart") {
    prefix_set bushy;
    for (int each = 0; each < 100'000; ++each) bushy.add(std::to_string(each * 7919LL));
    CHECK(bushy.size() == 100'000);
    CHECK(bushy.contains("791892081"));
    CHECK_FALSE(bushy.contains("791892082"));
}

// On a stack that has 26 bytes for each node.
TEST_CASE("a chain of a node for each byte is searched and destroyed without recursion") {
    constexpr std::size_t depth = 5'000;
    static const std::string deep(depth, 'a');
    static prefix_set* chain;
    chain = new prefix_set;
    for (std::size_t length = depth; length > 0; --length) chain->add({deep.data(), length});
    CHECK(chain->size() == depth);
    static bool found;
    const auto use = [](void*) -> void* {
        found = chain->contains(deep) && chain->matches("a") && chain->remove(deep) && !chain->contains(deep);
        delete chain;
        return nullptr;
    };
    pthread_attr_t small;
    REQUIRE(::pthread_attr_init(&small) == 0);
    REQUIRE(::pthread_attr_setstacksize(&small, 128 << 10) == 0);
    pthread_t thread;
    REQUIRE(::pthread_create(&thread, &small, use, nullptr) == 0);
    REQUIRE(::pthread_join(thread, nullptr) == 0);
    ::pthread_attr_destroy(&small);
    CHECK(found);
}

TEST_CASE("a set that was moved from is empty and can be used again") {
    prefix_set set;
    set.add("a");
    prefix_set moved = std::move(set);
    CHECK(moved.matches("ab"));
    CHECK(set.size() == 0);
    CHECK_FALSE(set.matches("ab"));
    CHECK(set.add("b"));
    moved = std::move(set);
    CHECK(moved.matches("b"));
    CHECK_FALSE(moved.matches("ab"));
}
