#include "core/subscription_table.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "test_main.hpp"

using godwit::detail::subscription_table;

TEST_CASE("a link counts once for a topic, however many of its prefixes begin it") {
    subscription_table table;
    CHECK(table.count("") == 0);
    table.subscribed(5, "a");
    table.subscribed(5, "ab");
    table.subscribed(5, "");
    table.subscribed(6, "ab");
    CHECK(table.count("abc") == 2);
    CHECK(table.count("a") == 1);
    CHECK(table.count("") == 1);
    CHECK(table.count("x") == 1);
    table.unsubscribed(5, "");
    CHECK(table.count("x") == 0);
    CHECK(table.count("abc") == 2);
}

TEST_CASE("a peer that subscribes twice counts once, and is gone after one unsubscription, as in libzmq") {
    subscription_table table;
    table.subscribed(5, "a");
    table.subscribed(5, "a");
    CHECK(table.count("a") == 1);
    table.unsubscribed(5, "a");
    CHECK(table.count("a") == 0);
    table.unsubscribed(5, "a");
    table.unsubscribed(6, "a");
    CHECK(table.count("a") == 0);
}

TEST_CASE("a link's end takes all of its prefixes, in whatever order the two streams tell of it") {
    for (const bool monitor_first : {false, true}) {
        CAPTURE(monitor_first);
        subscription_table table;
        for (const int link : {5, 6}) {
            table.subscribed(link, "a");
            table.subscribed(link, "b");
        }
        if (monitor_first) table.closed(5);
        table.unsubscribed_by_hang_up("a");
        table.unsubscribed_by_hang_up("b");
        if (!monitor_first) table.closed(5);
        CHECK(table.count("a") == 1);
        CHECK(table.count("b") == 1);
        table.unsubscribed(6, "a");
        CHECK(table.count("a") == 0);
        CHECK(table.count("b") == 1);
    }
}

TEST_CASE("a link whose descriptor is used again at once is told from the old one") {
    for (const char* const topic : {"a", "other"}) {
        CAPTURE(topic);
        subscription_table table;
        table.subscribed(5, "a");
        table.unsubscribed_by_hang_up("a");
        table.subscribed(5, topic);
        table.closed(5);
        CHECK(table.count(topic) == 1);
        CHECK(table.count("a") == (topic == std::string{"a"} ? 1 : 0));
        table.closed(5);
        table.unsubscribed_by_hang_up(topic);
        CHECK(table.count(topic) == 0);
    }
}

TEST_CASE("a descriptor that is used three times before the monitor tells of the first end") {
    subscription_table table;
    for (int life = 0; life < 3; ++life) {
        if (life > 0) table.unsubscribed_by_hang_up("a");
        table.subscribed(5, "a");
    }
    CHECK(table.count("a") == 1);
    table.closed(5);
    table.closed(5);
    CHECK(table.count("a") == 1);
    table.closed(5);
    table.unsubscribed_by_hang_up("a");
    CHECK(table.count("a") == 0);
}

TEST_CASE("an end that the monitor told of first leaves nothing behind that a later link could stumble over") {
    subscription_table table;
    table.subscribed(5, "a");
    table.subscribed(6, "a");
    table.closed(5);
    table.unsubscribed_by_hang_up("a");  // 5's, and nothing is open now
    table.subscribed(6, "a");            // a repeat, no new link
    table.unsubscribed_by_hang_up("a");
    table.closed(6);
    CHECK(table.count("a") == 0);
}

TEST_CASE("what makes no sense is ignored") {
    subscription_table table;
    table.closed(5);
    table.unsubscribed(5, "a");
    table.unsubscribed_by_hang_up("a");
    table.subscribed(5, "a");
    CHECK(table.count("a") == 1);
    table.closed(6);
    CHECK(table.count("a") == 1);
}

namespace {

const std::array<std::string, 4> prefixes{"", "a", "ab", "b"};

// What the two streams say, each in its order.
struct subscription {
    int link;  // -1: the link is gone already
    bool subscribe;
    std::string prefix;
};
struct closing {
    int link;
    std::size_t after;  // subscriptions told before its hang-ups: the monitor is never ahead of these
    bool silent;        // it had no prefix: nothing but the monitor tells of its end
};

// Links that come and go under a few numbers: the truth, and what is told of it.
class naive_links {
public:
    naive_links(unsigned seed, unsigned descriptors) : random_{seed}, descriptors_{descriptors} {}

    void step() {
        const int link = static_cast<int>(random_() % descriptors_);
        const std::string& prefix = prefixes[random_() % prefixes.size()];
        std::set<std::string>& own = open_[link];
        switch (random_() % 5) {
            case 0:
            case 1:
            case 2:
                if (own.insert(prefix).second) told_.push_back({link, true, prefix});
                break;
            case 3:
                if (own.erase(prefix) != 0) told_.push_back({link, false, prefix});
                break;
            default:
                ends_.push_back({link, told_.size(), own.empty()});
                for (const std::string& left : own) told_.push_back({-1, false, left});
                open_.erase(link);
        }
    }
    std::size_t count(const std::string& topic) const {
        return static_cast<std::size_t>(std::count_if(open_.begin(), open_.end(), [&](const auto& one) {
            return std::any_of(one.second.begin(), one.second.end(),
                               [&](const std::string& prefix) { return topic.starts_with(prefix); });
        }));
    }

    // Tells the table the next of one stream; false if that has nothing, or may not come yet.
    bool tell_subscription(subscription_table& table) {
        if (heard_ == told_.size()) return false;
        const subscription& next = told_[heard_];
        if (next.link < 0) {
            table.unsubscribed_by_hang_up(next.prefix);
        } else if (!next.subscribe) {
            table.unsubscribed(next.link, next.prefix);
        } else {
            // The one limit that the header names: a silent end is told before its number speaks again.
            while (silent_end_open(next.link)) tell_end(table);
            table.subscribed(next.link, next.prefix);
        }
        ++heard_;
        return true;
    }
    bool tell_end(subscription_table& table) {
        if (ended_ == ends_.size() || ends_[ended_].after > heard_) return false;
        table.closed(ends_[ended_++].link);
        return true;
    }

private:
    bool silent_end_open(int link) const {
        return std::any_of(ends_.begin() + static_cast<std::ptrdiff_t>(ended_), ends_.end(),
                           [&](const closing& one) { return one.silent && one.link == link && one.after <= heard_; });
    }

    std::mt19937 random_;
    unsigned descriptors_;
    std::map<int, std::set<std::string>> open_;
    std::vector<subscription> told_;
    std::vector<closing> ends_;
    std::size_t heard_ = 0;
    std::size_t ended_ = 0;
};

bool agree(const subscription_table& table, const naive_links& truth) {
    for (const char* const topic : {"", "a", "ab", "abc", "b", "c"}) {
        if (table.count(topic) != truth.count(topic)) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("when both streams have told all, the counts are those of the links that there are") {
    // How often in sixteen each stream is heard: the monitor far behind, both alike, the monitor as early as it can be.
    using weights = std::pair<unsigned, unsigned>;
    for (const auto& [subscriptions, ends] : {weights{16, 1}, weights{8, 8}, weights{1, 15}, weights{15, 15}}) {
        for (const unsigned descriptors : {1u, 2u, 4u}) {
            for (unsigned seed = 1; seed <= 300; ++seed) {
                CAPTURE(subscriptions, ends, descriptors, seed);
                naive_links truth{seed, descriptors};
                subscription_table table;
                std::mt19937 random{seed * 7919};
                for (int round = 0; round < 4; ++round) {
                    for (int i = 0; i < 30; ++i) {
                        truth.step();
                        while (random() % 16 < subscriptions && truth.tell_subscription(table)) {}
                        while (random() % 16 < ends && truth.tell_end(table)) {}
                    }
                    while (truth.tell_subscription(table)) {}
                    while (truth.tell_end(table)) {}
                    REQUIRE(agree(table, truth));
                }
            }
        }
    }
}

TEST_CASE("whatever a hostile peer repeats and invents, all is gone with its links") {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        std::mt19937 random{seed};
        subscription_table table;
        for (int i = 0; i < 300; ++i) {
            const int link = static_cast<int>(random() % 3);
            const std::string& prefix = prefixes[random() % prefixes.size()];
            switch (random() % 6) {
                case 0:
                    table.unsubscribed(link, prefix);
                    break;
                case 1:
                    table.unsubscribed_by_hang_up(prefix);
                    break;
                case 2:
                    table.closed(link);
                    break;
                default:
                    table.subscribed(link, prefix);
            }
            REQUIRE(table.count("abc") <= 3);
        }
        // Each round ends the oldest link of each number: there were at most as many as there were hang-ups.
        for (int round = 0; round < 300 && table.count("abc") + table.count("b") > 0; ++round) {
            for (int link = 0; link < 3; ++link) table.closed(link);
        }
        CHECK(table.count("abc") == 0);
        CHECK(table.count("b") == 0);
    }
}
