#include "core/peer_table.hpp"

#include <thread>

#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace std::chrono_literals;

namespace {

socket_stats counted(const peer_table& table) {
    socket_stats stats;
    table.count_into(stats);
    return stats;
}

}  // namespace

TEST_CASE("a peer that joins has a row and an event, and one that leaves has an event with the reason") {
    peer_table table{10};
    const auto first = table.joined("inproc://a", "there");
    const auto second = table.joined("inproc://b", "elsewhere");
    CHECK(first != second);
    REQUIRE(table.count() == 2);
    const auto rows = table.rows();
    CHECK(rows[0].id == first);
    CHECK(rows[0].endpoint == "inproc://a");
    CHECK(rows[0].address == "there");

    table.left(first, "gone");
    table.left(first, "twice");
    table.left(4711, "never there");
    CHECK(table.count() == 1);
    const auto one = table.next_event(0s, {}).value();
    CHECK(one.kind == event_kind::peer_joined);
    CHECK(one.peer_id == first);
    CHECK(one.detail == "there");
    CHECK(table.next_event(0s, {}).value().peer_id == second);
    const auto last = table.next_event(0s, {}).value();
    CHECK(last.kind == event_kind::peer_left);
    CHECK(last.peer_id == first);
    CHECK(last.endpoint == "inproc://a");
    CHECK(last.detail == "gone");
    CHECK(table.next_event(0s, {}).failed(errc::timed_out));
}

TEST_CASE("ids of peers are never used again") {
    peer_table table{10};
    const auto first = table.joined("a", "");
    table.left(first, "");
    CHECK(table.joined("a", "") > first);
}

TEST_CASE("older events make room for newer ones and are counted") {
    peer_table table{3};
    for (int i = 0; i < 5; ++i) table.report(event_kind::accept_failed, "e", std::to_string(i));
    CHECK(counted(table).events_lost == 2);
    CHECK(table.next_event(0s, {}).value().detail == "2");
    table.set_events_max(1);
    CHECK(counted(table).events_lost == 3);
    CHECK(table.next_event(0s, {}).value().detail == "4");

    peer_table none{0};
    none.report(event_kind::accept_failed, "e", "");
    CHECK(counted(none).events_lost == 1);
    CHECK(none.next_event(0s, {}).failed(errc::timed_out));
}

TEST_CASE("each kind of event has its counter, which forgets nothing") {
    peer_table table{1};
    const auto report = [&](event_kind kind, int times) {
        for (int i = 0; i < times; ++i) table.report(kind, "e", "");
    };
    report(event_kind::handshake_refused, 2);
    report(event_kind::message_refused, 3);
    report(event_kind::subscription_refused, 4);
    report(event_kind::over_limit, 5);
    report(event_kind::peer_revoked, 6);
    report(event_kind::accept_failed, 7);
    table.left(table.joined("a", ""), "");
    table.joined("a", "");
    table.dropped_full = 8;
    table.refused = 9;

    const auto stats = counted(table);
    CHECK(stats.refused_handshakes == 2);
    CHECK(stats.refused_messages == 3);
    CHECK(stats.refused_subscriptions == 4);
    CHECK(stats.over_limit == 5);
    CHECK(stats.revoked == 6);
    CHECK(stats.accept_failures == 7);
    CHECK(stats.dropped_full == 8);
    CHECK(stats.stray_messages == 9);
    CHECK(stats.joined == 2);
    CHECK(stats.peers == 1);
    CHECK(stats.events_lost == 29);
}

TEST_CASE("waiting for peers ends by their number, the time, the stop token and the close") {
    peer_table table{10};
    CHECK(table.wait_for(0, 0s, {}));
    CHECK(table.wait_for(1, 0s, {}).failed(errc::timed_out));
    CHECK(table.wait_for(1, 5ms, {}).failed(errc::timed_out));

    std::stop_source stop;
    status stopped, met, closed;
    std::thread first{[&] { stopped = table.wait_for(1, timeout::never, stop.get_token()); }};
    stop.request_stop();
    first.join();
    CHECK(stopped.failed(errc::cancelled));

    std::thread second{[&] { met = table.wait_for(2, 30s, {}); }};
    table.joined("a", "");
    table.joined("a", "");
    second.join();
    CHECK(met);

    std::thread third{[&] { closed = table.wait_for(3, timeout::never, {}); }};
    table.close();
    third.join();
    CHECK(closed.failed(errc::closed));
}

TEST_CASE("events outlive the close until they are read") {
    peer_table table{10};
    std::thread reader;
    result<event> waited = errc::io;
    {
        peer_table empty{10};
        reader = std::thread{[&] { waited = empty.next_event(timeout::never, {}); }};
        empty.close();
        reader.join();
    }
    CHECK(waited.failed(errc::closed));

    table.joined("a", "");
    table.close();
    CHECK(table.next_event(timeout::never, {}));
    CHECK(table.next_event(timeout::never, {}).failed(errc::closed));
}
