// The suite of the interface dedup_store (godwit/dedup_store.hpp): what every store of ids has to pass. One signs up with
//
//     TEST_CASE("my store is a dedup_store") { dedup_store_suite::run({.make = [](const id_window&) {...}}); }
//
// inside one of its own test files. Each section begins with a store of its own, that begins then, too.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "godwit/id_store.hpp"
#include "test_main.hpp"

namespace dedup_store_suite {

using namespace godwit;
using namespace std::chrono_literals;

struct signed_up {
    std::function<std::unique_ptr<dedup_store>(const id_window&)> make;
    // The same memory, opened again after the one before was destroyed without a word. Empty: it ends with it.
    std::function<std::unique_ptr<dedup_store>(const id_window&)> reopen = {};
    bool many_in_hand = true;  // false: one at a time
    bool counts = true;        // it has a window of count and bytes
};

inline id_time wall() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

inline claimed ask(dedup_store& store, const std::string& id, std::string_view content = {},
                   std::optional<id_time> made = {}) {
    const auto answer = store.claim({id, as_bytes(content), made});
    if (!answer) FAIL(answer.error().what());
    return answer->what;
}

inline void do_it(dedup_store& store, const std::string& id, std::optional<std::string_view> reply = {}) {
    REQUIRE(ask(store, id) == claimed::fresh);
    const auto marked = store.mark(id, reply);
    if (!marked) FAIL(marked.error().what());
}

inline void claiming(const signed_up& with) {
    const auto store = with.make({});
    SECTION("an id is fresh, in hand until it is marked, and done from then on") {
        CHECK(ask(*store, "a") == claimed::fresh);
        CHECK(ask(*store, "a") == claimed::in_hand);
        REQUIRE(store->mark("a"));
        CHECK(ask(*store, "a") == claimed::done);
        CHECK(ask(*store, "a") == claimed::done);
        CHECK(ask(*store, "b") == claimed::fresh);
    }
    SECTION("what is released is fresh again") {
        CHECK(ask(*store, "a") == claimed::fresh);
        REQUIRE(store->release("a"));
        CHECK(ask(*store, "a") == claimed::fresh);
        REQUIRE(store->mark("a"));
        CHECK(ask(*store, "a") == claimed::done);
    }
    SECTION("what is not in hand is neither marked nor released") {
        CHECK(store->mark("a").failed(errc::not_found));
        CHECK(store->release("a").failed(errc::not_found));
        do_it(*store, "a");
        CHECK(store->mark("a").failed(errc::not_found));
        CHECK(store->release("a").failed(errc::not_found));
        CHECK(ask(*store, "a") == claimed::done);
    }
    SECTION("an id is 1 to 1,024 bytes, whatever they are") {
        CHECK(store->claim({""}).failed(errc::invalid_argument));
        CHECK(store->claim({std::string(1025, 'x')}).failed(errc::invalid_argument));
        do_it(*store, std::string(1024, 'x'));
        do_it(*store, std::string("\0\n'\xff\"", 5));
        CHECK(ask(*store, std::string(1024, 'x')) == claimed::done);
        CHECK(ask(*store, std::string("\0\n'\xff\"", 5)) == claimed::done);
        CHECK(ask(*store, std::string("\0\n'", 3)) == claimed::fresh);
    }
    SECTION("RELIABILITY 55: one id with another content is a conflict, in hand and done") {
        CHECK(ask(*store, "a", "ten") == claimed::fresh);
        CHECK(ask(*store, "a", "eleven") == claimed::conflict);
        CHECK(ask(*store, "a", "ten") == claimed::in_hand);
        REQUIRE(store->mark("a"));
        CHECK(ask(*store, "a", "eleven") == claimed::conflict);
        CHECK(ask(*store, "a", "ten") == claimed::done);
        CHECK(ask(*store, "a") == claimed::done);
    }
    SECTION("a reply comes with what is done, whatever its bytes") {
        do_it(*store, "a", std::string_view{"\0yes'", 5});
        do_it(*store, "b");
        do_it(*store, "c", "");
        CHECK(store->claim({"a"}).value().reply == std::string("\0yes'", 5));
        CHECK(store->claim({"b"}).value().reply == std::nullopt);
        CHECK(store->claim({"c"}).value().reply == "");
    }
}

inline void window(const signed_up& with) {
    SECTION("RELIABILITY 74: what was made before the store began is too_old, unless that is said") {
        CHECK(ask(*with.make({}), "a", {}, wall() - 1h) == claimed::too_old);
        CHECK(ask(*with.make({}), "a", {}, wall() + 1h) == claimed::fresh);
        CHECK(ask(*with.make({.known_from = id_time{}}), "a", {}, wall() - 1h) == claimed::fresh);
    }
    SECTION("RELIABILITY 74: what was done within the window is done, however old it says to be") {
        const auto store = with.make({});
        do_it(*store, "a");
        CHECK(ask(*store, "a", {}, wall() - 1h) == claimed::done);
    }
    SECTION("RELIABILITY 74: what has left the window by its time is too_old, or fresh if it says no time") {
        const auto store = with.make({.age_max = 1ms});
        const id_time made = wall();
        do_it(*store, "a");
        while (wall() < made + 10ms) std::this_thread::yield();
        CHECK(ask(*store, "a", {}, made) == claimed::too_old);
        CHECK(store->known_since().value() > made);
        CHECK(ask(*store, "a", {}, wall() + 1h) == claimed::fresh);
        REQUIRE(store->release("a"));
        CHECK(ask(*store, "a") == claimed::fresh);
    }
    if (!with.counts) return;
    SECTION("RELIABILITY 74: what has left the window by its count is too_old, and known_since says so") {
        const auto store = with.make({.ids_max = 10});
        const id_time made = wall();
        for (int i = 0; i < 20; ++i) do_it(*store, std::to_string(i));
        CHECK(ask(*store, "19") == claimed::done);
        CHECK(ask(*store, "12") == claimed::done);
        CHECK(ask(*store, "3", {}, made) == claimed::too_old);
        CHECK(store->known_since().value() > made);
    }
    SECTION("RELIABILITY 74: what has left the window by its bytes is too_old") {
        const auto store = with.make({.bytes_max = 4096});
        const id_time made = wall();
        for (int i = 0; i < 20; ++i) do_it(*store, std::to_string(i) + std::string(800, 'x'));
        CHECK(ask(*store, "19" + std::string(800, 'x')) == claimed::done);
        CHECK(ask(*store, "3" + std::string(800, 'x'), {}, made) == claimed::too_old);
    }
    SECTION("replies have a limit of their own: beyond it the oldest have gone, and their ids are done") {
        const auto store = with.make({.replies_bytes_max = 1000});
        for (int i = 0; i < 10; ++i) do_it(*store, std::to_string(i), std::string(300, 'r'));
        CHECK(store->claim({"9"}).value().reply == std::string(300, 'r'));
        const auto gone = store->claim({"0"}).value();
        CHECK(gone.what == claimed::done);
        CHECK(gone.reply == std::nullopt);
    }
    if (!with.many_in_hand) return;
    SECTION("what is in hand is not forgotten: if that is all there is, the store is full") {
        const auto store = with.make({.ids_max = 3});
        for (const char* id : {"a", "b", "c"}) CHECK(ask(*store, id) == claimed::fresh);
        CHECK(store->claim({"d"}).failed(errc::full));
        CHECK(ask(*store, "a") == claimed::in_hand);
        REQUIRE(store->mark("b"));
        CHECK(ask(*store, "d") == claimed::fresh);
        CHECK(ask(*store, "a") == claimed::in_hand);
    }
}

inline void sharing(const signed_up& with) {
    if (!with.many_in_hand) return;
    SECTION("of those who claim one id at once, one has it") {
        const auto store = with.make({});
        std::atomic<int> fresh{0}, failed{0};
        {
            std::vector<std::jthread> all;
            for (int thread = 0; thread < 4; ++thread) {
                all.emplace_back([&] {
                    for (int i = 0; i < 50; ++i) {
                        const std::string id = std::to_string(i);
                        const auto got = store->claim({id});
                        if (!got) ++failed;
                        if (!got || got->what != claimed::fresh) continue;
                        ++fresh;
                        if (!store->mark(id)) ++failed;
                    }
                });
            }
        }
        CHECK(fresh == 50);
        CHECK(failed == 0);
    }
}

inline void again(const signed_up& with) {
    if (!with.reopen) return;
    SECTION("RELIABILITY 7, 75: opened again it knows what was marked, with its reply; what was in hand is fresh") {
        auto store = with.make({});
        const id_time made = wall();
        do_it(*store, "a", "yes");
        do_it(*store, "b");
        REQUIRE(ask(*store, "c") == claimed::fresh);
        store.reset();
        store = with.reopen({});
        CHECK(store->claim({"a"}).value().reply == "yes");
        CHECK(ask(*store, "b") == claimed::done);
        CHECK(store->known_since().value() <= made);
        CHECK(ask(*store, "c") == claimed::fresh);
    }
    if (!with.counts) return;
    SECTION("RELIABILITY 74: opened again it says what it has forgotten") {
        auto store = with.make({.ids_max = 5});
        const id_time made = wall();
        for (int i = 0; i < 10; ++i) do_it(*store, std::to_string(i));
        store.reset();
        store = with.reopen({.ids_max = 5});
        CHECK(ask(*store, "9", {}, made) == claimed::done);
        CHECK(ask(*store, "1", {}, made) == claimed::too_old);
    }
}

inline void run(const signed_up& with) {
    claiming(with);
    window(with);
    sharing(with);
    again(with);
}

}  // namespace dedup_store_suite
