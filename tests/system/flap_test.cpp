// Links that come and go: nothing of a former link is kept, and subscriptions come back each time.
#include "system/process.hpp"
#include "system/relayed.hpp"
#include "system/script.hpp"

using namespace system_tests;

TEST_CASE("row 59: links flap, and descriptors, threads and memory do not grow") {
    const auto kind = tcp_or_ipc();
    const int flaps = sanitized ? 60 : 300;
    relayed way{kind};
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx, {.redial_min = 1ms, .redial_max = 2ms}};
    must(in.bind(way.there()));
    must(out.connect(way.here()));
    const auto flap = [&](int number) {
        event_of(out, godwit::event_kind::peer_joined);
        event_of(in, godwit::event_kind::peer_joined);
        const auto text = std::to_string(number);
        must(out.send(text));
        REQUIRE(receive(in) == text);
        way->cut();
        event_of(out, godwit::event_kind::peer_left);
        event_of(in, godwit::event_kind::peer_left);
    };
    int number = 0;
    for (; number < flaps / 3; ++number) flap(number);
    const auto threads_before = threads();
    const auto memory_before = resident_bytes();
    const auto descriptors_before = descriptors();
    for (; number < flaps; ++number) flap(number);
    REQUIRE(threads() == threads_before);
    // A link may be coming up at either moment: two ends, their duplicates, and the relay's.
    REQUIRE(eventually([&] { return descriptors() <= descriptors_before + 6; }));
    if (!sanitized) REQUIRE(resident_bytes() < memory_before + (2u << 20));
}

TEST_CASE("row 59: subscriptions come back after each of many flaps, counted once") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::pub news{ctx};
    godwit::sub reader{ctx, {.redial_min = 1ms, .redial_max = 2ms}};
    must(news.bind(way.there()));
    must(reader.connect(way.here()));
    must(reader.subscribe("t"));
    int sent = 0, last = 0;
    for (int round = 0; round < 15; ++round) {
        must(news.wait_for_subscribers("t", 1, soon));
        // Cut a moment after it was dialled again, a link is counted until its end is seen; what goes there is lost.
        REQUIRE(eventually([&] {
            must(news.send("t", std::to_string(++sent)));
            const auto got = reader.recv(50ms);
            if (!got) return false;
            const int number = std::stoi(std::string{got->text()});
            REQUIRE(number > last);
            last = number;
            return true;
        }));
        way->cut();
        event_of(news, godwit::event_kind::peer_left);
    }
    must(news.wait_for_subscribers("t", 1, soon));
    REQUIRE(news.subscribers("t") == 1);
}

TEST_CASE("row 51: 5000 topics are active again after the publisher was killed, and after its link was cut") {
    const auto kind = tcp_or_ipc();
    const int topics = 5000;
    const auto topic = [](int i) { return "topic " + std::to_string(10'000 + i); };
    relayed way{kind};
    godwit::context ctx;
    godwit::sub in{ctx, eager};
    for (int i = 0; i < topics; ++i) must(in.subscribe(topic(i)));
    must(in.connect(way.here()));
    for (int round = 0; round < 2; ++round) {
        process server{"plain_peer"};
        REQUIRE(server.ask("new p pub queue=10000") == "ok");
        REQUIRE(server.ask("bind p " + way.there()).starts_with("ok"));
        for (const bool after_cut : {false, true}) {
            if (after_cut) {
                way->cut();
                event_of(in, godwit::event_kind::peer_left);
                event_of(in, godwit::event_kind::peer_joined);
            }
            // The last subscription is the last that comes; each then proves itself by a message.
            for (int i = 0; i < topics; ++i)
                REQUIRE(server.ask("subscribers p " + script::hex(topic(i)) + " 1 20000") == "ok");
            for (int first = 0; first < topics; first += 500) {
                for (int i = first; i < first + 500; ++i)
                    REQUIRE(server.ask("send p topic=" + script::hex(topic(i)) + " body=6f") == "ok");
                for (int i = first; i < first + 500; ++i) {
                    const auto got = must(in.recv(soon));
                    REQUIRE(got.topic() == topic(i));
                }
            }
            if (!after_cut) event_of(in, godwit::event_kind::peer_joined);
        }
        server.end(SIGKILL);
        event_of(in, godwit::event_kind::peer_left);
    }
}
