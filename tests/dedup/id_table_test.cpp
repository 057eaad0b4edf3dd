// The window of ids, beside a model too simple to be wrong.
#include "dedup/id_table.hpp"

#include <random>
#include <set>
#include <vector>

#include "conformance/failing_new.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace std::chrono_literals;

namespace {

struct model {
    struct one {
        std::string id;
        id_time marked;
    };
    const id_window window;
    id_time since = {};
    std::set<std::string> in_hand = {};
    std::vector<one> done = {};

    std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const auto& id : in_hand) sum += 200 + id.size();
        for (const auto& each : done) sum += 200 + each.id.size();
        return sum;
    }
    void forget() {
        since = std::max(since, done.front().marked + 1ms);
        done.erase(done.begin());
    }
    bool is_over(std::uint64_t ids, std::uint64_t more) const {
        return in_hand.size() + done.size() + ids > window.ids_max || bytes() + more > window.bytes_max;
    }
    bool knows(const std::string& id) const {
        return std::any_of(done.begin(), done.end(), [&](const one& each) { return each.id == id; });
    }
    // "full", or what it is.
    std::string claim(const std::string& id, std::optional<id_time> made, id_time now) {
        while (!done.empty() && now - done.front().marked > window.age_max) forget();
        if (in_hand.contains(id)) return "in_hand";
        if (knows(id)) return "done";
        if (made && *made < since) return "too_old";
        while (!done.empty() && is_over(1, 200 + id.size())) forget();
        if (is_over(1, 200 + id.size())) return "full";
        in_hand.insert(id);
        return "fresh";
    }
    void mark(const std::string& id, id_time now) {
        in_hand.erase(id);
        done.push_back({id, now});
    }
};

}  // namespace

TEST_CASE("whatever is claimed, marked and released in whatever order, the window is a model's") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random{seed};
        const auto below = [&](std::uint32_t limit) { return random() % limit; };
        const id_window window{
            .ids_max = 1 + below(12), .bytes_max = 4096, .age_max = std::chrono::milliseconds{1 + below(60)}};
        id_table table{window, id_time{}};
        model beside{.window = window};
        id_time now{1s};
        for (int step = 0; step < 1000; ++step) {
            INFO("seed " << seed << ", step " << step);
            if (below(3) == 0) now += std::chrono::milliseconds{below(10)};
            if (below(200) == 0) now -= 5ms;  // wall clocks do
            const std::string id = std::to_string(below(25)) + std::string(below(4) == 0 ? 600 : 0, 'x');
            if (below(3) != 0) {
                std::optional<id_time> made;
                if (below(2) == 0) made = now - std::chrono::milliseconds{below(80)};
                const auto got = table.claim({id, {}, made}, now);
                REQUIRE(beside.claim(id, made, now) == (got ? name(got->what) : name(got.error().code())));
            } else if (auto one = table.to_mark(id, std::nullopt, now); one && below(4) != 0) {
                REQUIRE(beside.in_hand.contains(id));
                table.mark(std::move(*one));
                beside.mark(id, now);
            } else {
                REQUIRE(table.release(id) == (beside.in_hand.erase(id) == 1));
            }
            REQUIRE(table.known_since() == beside.since);
            REQUIRE(table.stats().ids == beside.done.size());
            REQUIRE(table.stats().in_hand == beside.in_hand.size());
            REQUIRE(table.stats().bytes == beside.bytes());
        }
    }
}

TEST_CASE("replies that are dropped for room are counted with their bytes, and what is read back is the same window") {
    const id_window window{.ids_max = 50, .bytes_max = 100'000, .replies_bytes_max = 1000};
    id_table table{window, id_time{}}, again{window, id_time{}};
    for (int i = 0; i < 80; ++i) {
        const std::string id = std::to_string(i), reply(static_cast<std::size_t>(i % 3) * 100, 'r');
        REQUIRE(table.claim({id}, id_time{1s}));
        table.mark(*table.to_mark(id, i % 4 == 0 ? std::nullopt : std::optional<std::string_view>{reply}, id_time{1s}));
        std::uint64_t bytes = 0, replies = 0;
        for (const auto& one : table.done()) {
            bytes += 200 + one.id.size() + one.reply.value_or("").size();
            replies += one.reply.value_or("").size();
        }
        REQUIRE(table.stats().bytes == bytes);
        REQUIRE(replies <= 1000);
    }
    for (const auto& one : table.done()) again.restore(id_table::done_id{one});
    CHECK(again.stats().bytes == table.stats().bytes);
    CHECK(again.stats().ids == 50);
    CHECK(table.claim({"79"}, id_time{1s}).value().reply == std::string(100, 'r'));
}

TEST_CASE("an id that is read back twice is what it was marked as last, and in its place") {
    id_table table{{.age_max = 1000ms}, id_time{}};
    table.restore({"a", 1, id_time{1s}, "first"});
    table.restore({"b", 2, id_time{2s}, "reply"});
    table.restore({"a", 3, id_time{10s}, "later"});
    CHECK(table.known_since() == id_time{});
    CHECK(table.stats().ids == 2);
    CHECK(table.stats().bytes == 2 * (200 + 1 + 5));
    table.expire(id_time{10s});
    CHECK(table.stats().ids == 1);
    const auto got = table.claim({"a"}, id_time{10s}).value();
    CHECK(got.what == claimed::done);
    CHECK(got.reply == "later");
}

TEST_CASE("RELIABILITY 37: an id whose mark finds no memory is in hand as before, and is marked when there is some") {
    id_table table{{}, id_time{}};
    const std::string id(100, 'i'), reply(100, 'r');
    REQUIRE(table.claim({id}, id_time{1s}));
    const auto before = table.stats().bytes;
    for (std::size_t which = 1;; ++which) {
        INFO("allocation " << which);
        auto one = table.to_mark(id, reply, id_time{1s});
        REQUIRE(one);
        bool thrown = false;
        {
            const conformance::failing_new failing{which};
            try {
                table.mark(std::move(*one));
            } catch (const std::bad_alloc&) {
                thrown = true;
            }
        }
        if (!thrown) break;
        REQUIRE(table.stats().in_hand == 1);
        REQUIRE(table.stats().ids == 0);
        REQUIRE(table.stats().bytes == before);
        REQUIRE(table.claim({id}, id_time{1s}).value().what == claimed::in_hand);
    }
    CHECK(table.stats().in_hand == 0);
    CHECK(table.stats().bytes == 200 + 100 + 100);
    CHECK(table.claim({id}, id_time{1s}).value().reply == reply);
}
