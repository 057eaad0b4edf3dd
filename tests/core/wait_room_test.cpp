#include "core/wait_room.hpp"

#include <poll.h>

#include <deque>
#include <string>
#include <thread>

#include "test_main.hpp"

using namespace godwit::detail;
using namespace std::chrono_literals;

namespace {

// A room whose waiters are known by number. Nobody sleeps.
struct room_with {
    explicit room_with(std::initializer_list<want> wants) {
        room.hang(*bell);
        for (const want what : wants) room.enter(all.emplace_back(what));
    }
    bool bell_rang() {
        pollfd waits{bell->descriptor(), POLLIN, 0};
        const bool rang = ::poll(&waits, 1, 0) == 1;
        bell->disarm(rang);
        return rang;
    }
    // The numbers of those who were called since the last time; the leader by the bell.
    std::string called() {
        std::string numbers;
        const bool rang = bell_rang();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const bool its = &all[i] == room.leader() ? rang : all[i].called();
            if (its) numbers += std::to_string(i);
            room.looks(all[i]);
        }
        if (rang && room.leader() == nullptr) numbers += " and the bell";
        return numbers;
    }

    std::shared_ptr<doorbell> bell = doorbell::make().value();
    std::deque<waiter> all;
    wait_room room;
};

constexpr readiness nothing{false, false}, in_only{true, false}, out_only{false, true}, both{true, true};

}  // namespace

TEST_CASE("handing on in an empty room calls nobody") {
    room_with none{};
    CHECK_FALSE(none.room.anyone_asleep());
    none.room.hand_on(both);
    none.room.call_all();
    CHECK_FALSE(none.bell_rang());
}

TEST_CASE("one waiter is called for each thing that is possible, the first that wants it") {
    room_with some{want::in, want::in, want::out, want::out};
    some.room.lead(&some.all[3]);
    some.room.hand_on(nothing);
    CHECK(some.called().empty());
    some.room.hand_on(in_only);
    CHECK(some.called() == "0");
    some.room.hand_on(out_only);
    CHECK(some.called() == "2");
    some.room.hand_on(both);
    CHECK(some.called() == "02");
    some.room.hand_on(both, &some.all[0]);
    CHECK(some.called() == "12");
}

TEST_CASE("when nobody leads, somebody is called even if nothing is possible") {
    room_with some{want::in, want::out};
    some.room.hand_on(nothing);
    CHECK(some.called() == "0");
    some.room.hand_on(nothing, &some.all[0]);
    CHECK(some.called() == "1");
    some.room.hand_on(out_only);
    CHECK(some.called() == "01");
    some.room.lead(&some.all[0]);
    some.room.hand_on(nothing);
    CHECK(some.called().empty());
}

TEST_CASE("whoever waits for news is called when there are some, all of them") {
    constexpr readiness news{false, false, true}, news_and_in{true, false, true};
    room_with some{want::news, want::in, want::news, want::in};
    some.room.lead(&some.all[1]);
    some.room.hand_on(nothing);
    CHECK(some.called().empty());
    some.room.hand_on(news);
    CHECK(some.called() == "02");
    some.room.hand_on(news_and_in);
    CHECK(some.called() == "012");
    some.room.hand_on(news, &some.all[0]);
    CHECK(some.called() == "2");
    some.room.hand_on(in_only);
    CHECK(some.called() == "1");
}

TEST_CASE("the leader is called by the bell") {
    room_with some{want::in, want::out};
    some.room.lead(&some.all[0]);
    CHECK(some.room.leader() == &some.all[0]);
    some.room.hand_on(in_only);
    CHECK_FALSE(some.all[0].called());
    CHECK(some.bell_rang());
    some.room.call(some.all[1]);
    CHECK(some.called() == "1");
    some.room.call_all();
    CHECK(some.called() == "01");
}

TEST_CASE("who left is not called, wherever in the row it stood") {
    for (std::size_t leaves = 0; leaves < 3; ++leaves) {
        room_with some{want::in, want::in, want::in};
        some.room.leave(some.all[leaves]);
        some.room.call_all();
        const std::string left = std::string{"012"}.erase(leaves, 1);
        CHECK(some.called() == left);
        for (std::size_t other = 0; other < 3; ++other) {
            if (other != leaves) some.room.leave(some.all[other]);
        }
        CHECK_FALSE(some.room.anyone_asleep());
        waiter again{want::in};
        some.room.enter(again);
        CHECK(some.room.alone(again));
        some.room.leave(again);
        CHECK_FALSE(some.room.alone(again));
    }
}

TEST_CASE("who was called is not called again before it has looked, and does not count as asleep") {
    room_with some{want::in, want::in};
    some.room.lead(&some.all[0]);
    CHECK(some.room.anyone_asleep());
    some.room.call_all();
    CHECK_FALSE(some.room.anyone_asleep());
    CHECK(some.bell_rang());
    some.room.call_all();
    CHECK_FALSE(some.bell_rang());
    some.room.looks(some.all[1]);
    CHECK(some.room.anyone_asleep());
    CHECK_FALSE(some.all[1].called());
    some.room.hand_on(in_only, &some.all[0]);
    CHECK(some.all[1].called());
    CHECK_FALSE(some.room.anyone_asleep());
    some.room.leave(some.all[1]);
    CHECK_FALSE(some.room.anyone_asleep());
    CHECK(some.room.alone(some.all[0]));
    some.room.looks(some.all[0]);
    some.room.leave(some.all[0]);
    CHECK_FALSE(some.room.anyone_asleep());
}

TEST_CASE("a call before the sleep is not lost, until its waiter looks") {
    room_with some{want::in};
    waiter& who = some.all[0];
    some.room.call(who);
    who.sleep(std::chrono::steady_clock::time_point::max());
    some.room.looks(who);
    CHECK_FALSE(who.called());
    std::jthread caller{[&] { who.call(); }};
    who.sleep(std::chrono::steady_clock::time_point::max());
    SUCCEED("woken without a deadline");
}

namespace {

bool glows(const lamp& one) {
    pollfd watched{one.descriptor(), POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
}

struct room_with_lamps : room_with {
    using room_with::room_with;
    lamp& hang(want what) {
        room.hang(what, lamp::make(bell->descriptor()).value());
        return *room.lamp_for(what);
    }
};

}  // namespace

TEST_CASE("a dark lamp counts as asleep, is lit for what is possible, and takes it from no waiter") {
    room_with_lamps some{want::in};
    const lamp& in = some.hang(want::in);
    const lamp& out = some.hang(want::out);
    some.room.lead(&some.all[0]);
    CHECK_FALSE(some.room.alone(some.all[0]));
    some.room.hand_on(nothing);
    CHECK_FALSE(glows(in));
    some.room.light(want::in);
    some.room.light(want::in);
    CHECK(glows(in));
    CHECK_FALSE(glows(out));
    some.room.hand_on(in_only);
    CHECK(glows(out));  // the leader's bell, which a lamp watches
    CHECK(some.called() == "0");
    CHECK_FALSE(glows(out));
    CHECK_FALSE(some.room.alone(some.all[0]));
    some.room.light(want::out);
    CHECK(some.room.alone(some.all[0]));
    some.room.leave(some.all[0]);
    CHECK_FALSE(some.room.anyone_asleep());
    some.room.darken(want::in);
    some.room.darken(want::in);
    CHECK_FALSE(glows(in));
    CHECK(some.room.only_this_asleep(want::in));
    CHECK_FALSE(some.room.only_this_asleep(want::out));
    some.room.call_all();
    CHECK(glows(in));
    CHECK_FALSE(some.room.anyone_asleep());
}

TEST_CASE("who waits for news has no lamp") {
    room_with_lamps some{std::initializer_list<want>{}};
    some.hang(want::out);
    CHECK(some.room.lamp_for(want::news) == nullptr);
    some.room.darken(want::news);
    some.room.light(want::news);
    CHECK(some.room.only_this_asleep(want::out));
}
