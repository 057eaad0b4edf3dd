// Peers: counted, listed, announced when they come and go; a peer that does not fit is named.
#include <algorithm>
#include <optional>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT("peers are counted on both sides as they come and go") {
    godwit::context ctx;
    godwit::pull in{ctx};
    const auto url = over.url();
    const auto bound = must(in.bind(url));
    REQUIRE(in.peers().empty());
    REQUIRE(outcome(in.wait_for_peers(1, 0s)) == "timed_out");
    must(in.wait_for_peers(0, 0s));

    std::vector<std::optional<godwit::push>> outs(3);
    for (auto& out : outs) {
        out.emplace(ctx);
        must(out->connect(url));
        must(out->wait_for_peers(1, soon));
    }
    must(in.wait_for_peers(3, soon));
    REQUIRE(in.stats().peers == 3);
    const auto rows = in.peers();
    REQUIRE(rows.size() == 3);
    for (const auto& row : rows) {
        REQUIRE(row.id != 0);
        REQUIRE(row.endpoint == bound);
        REQUIRE_FALSE(row.address.empty());
        REQUIRE(row.since <= std::chrono::system_clock::now());
        if (over.is_ipc()) REQUIRE(row.address.find("pid " + std::to_string(::getpid())) != std::string::npos);
        if (over.name == "tcp_v4") REQUIRE(row.address.starts_with("127.0.0.1:"));
    }
    REQUIRE(rows[0].id != rows[1].id);
    REQUIRE(rows[1].id != rows[2].id);
    REQUIRE(rows[0].id != rows[2].id);
    std::vector<std::uint64_t> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(event_of(in, godwit::event_kind::peer_joined).peer_id);
    for (const auto& row : rows) REQUIRE(std::count(ids.begin(), ids.end(), row.id) == 1);

    must(outs[1]->close());
    const auto left = event_of(in, godwit::event_kind::peer_left);
    REQUIRE(std::count(ids.begin(), ids.end(), left.peer_id) == 1);
    REQUIRE(left.endpoint == bound);
    REQUIRE(in.peers().size() == 2);
    must(outs[0]->disconnect(url));
    event_of(in, godwit::event_kind::peer_left);
    REQUIRE(in.peers().size() == 1);
    REQUIRE(eventually([&] { return outs[0]->peers().empty(); }));
    outs[2].reset();
    event_of(in, godwit::event_kind::peer_left);
    REQUIRE(in.peers().empty());
    REQUIRE(in.stats().peers == 0);
}

GODWIT_EACH_TRANSPORT("the side that connected sees its peer go and come back") {
    godwit::context ctx;
    godwit::push out{ctx, {.redial_min = 10ms, .redial_max = 50ms}};
    const auto url = over.url();
    std::optional<godwit::pull> in{std::in_place, ctx};
    must(in->bind(url));
    must(out.connect(url));
    const auto first = event_of(out, godwit::event_kind::peer_joined);
    must(in->close());
    REQUIRE(event_of(out, godwit::event_kind::peer_left).peer_id == first.peer_id);
    REQUIRE(out.peers().empty());
    in.emplace(ctx);
    must(in->bind(url));
    const auto second = event_of(out, godwit::event_kind::peer_joined);
    REQUIRE(second.peer_id != first.peer_id);
    must(out.send("back"));
    REQUIRE(receive(*in) == "back");
}

GODWIT_EACH_TRANSPORT("all six patterns see their peers") {
    godwit::context ctx;
    godwit::push push{ctx};
    godwit::pull pull{ctx};
    godwit::pub pub{ctx};
    godwit::sub sub{ctx};
    godwit::req req{ctx};
    godwit::rep rep{ctx};
    const std::vector<std::pair<godwit::socket*, godwit::socket*>> couples{{&push, &pull}, {&pub, &sub}, {&req, &rep}};
    for (auto [one, other] : couples) {
        const auto url = over.url();
        must(one->bind(url));
        must(other->connect(url));
        must(one->wait_for_peers(1, soon));
        must(other->wait_for_peers(1, soon));
        must(other->close());
        event_of(*one, godwit::event_kind::peer_left);
        REQUIRE(one->peers().empty());
    }
}

GODWIT_EACH_TRANSPORT("unbind and disconnect end links on both sides") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(in.wait_for_peers(1, soon));
    must(out.wait_for_peers(1, soon));
    must(out.disconnect(url));
    REQUIRE(eventually([&] { return in.peers().empty() && out.peers().empty(); }));
    must(out.connect(url));
    must(out.wait_for_peers(1, soon));
    must(out.send("again"));
    REQUIRE(receive(in) == "again");
}

GODWIT_EACH_TRANSPORT("a peer whose pattern does not fit is suspected") {
    godwit::context ctx;
    const godwit::socket_options eager{.redial_min = 5ms, .redial_max = 20ms};
    const auto expect_mismatch = [&](const char* couple, godwit::socket&& binds, godwit::socket&& connects) {
        INFO(couple);
        const auto url = over.url();
        must(binds.bind(url));
        must(connects.connect(url));
        godwit::event seen;
        REQUIRE(eventually([&] {
            for (auto* side : {&binds, &connects})
                while (auto next = side->next_event(0s))
                    if (next->kind == godwit::event_kind::mismatch_suspected) return seen = *next, true;
            return false;
        }));
        REQUIRE(seen.endpoint == url);
        REQUIRE_FALSE(seen.detail.empty());
        REQUIRE(binds.peers().empty());
        REQUIRE(connects.peers().empty());
    };
    expect_mismatch("push to push", godwit::push{ctx, eager}, godwit::push{ctx, eager});
    expect_mismatch("pull to pull", godwit::pull{ctx, eager}, godwit::pull{ctx, eager});
    expect_mismatch("req to pull", godwit::pull{ctx, eager}, godwit::req{ctx, eager});
    expect_mismatch("push to rep", godwit::rep{ctx, eager}, godwit::push{ctx, eager});
    expect_mismatch("sub to push", godwit::push{ctx, eager}, godwit::sub{ctx, eager});
    expect_mismatch("pub to rep", godwit::rep{ctx, eager}, godwit::pub{ctx, eager});
}

GODWIT_EACH_TRANSPORT("the right pattern is met after a wrong one at the same endpoint") {
    godwit::context ctx;
    godwit::push out{ctx, {.redial_min = 5ms, .redial_max = 20ms}};
    const auto url = over.url();
    {
        godwit::pub wrong{ctx};
        must(wrong.bind(url));
        must(out.connect(url));
        REQUIRE(eventually([&] {
            for (godwit::socket* side : std::initializer_list<godwit::socket*>{&wrong, &out})
                while (auto next = side->next_event(0s))
                    if (next->kind == godwit::event_kind::mismatch_suspected) return true;
            return false;
        }));
        must(wrong.close());
    }
    godwit::pull right{ctx};
    must(right.bind(url));
    must(out.wait_for_peers(1, soon));
    must(out.send("found"));
    REQUIRE(receive(right) == "found");
}

GODWIT_EACH_TRANSPORT("old events make room for new ones and are counted") {
    godwit::context ctx;
    godwit::pull in{ctx, {.events_max = 4}};
    const auto url = over.url();
    must(in.bind(url));
    for (int i = 0; i < 5; ++i) {
        godwit::push out{ctx};
        must(out.connect(url));
        must(in.wait_for_peers(1, soon));
        must(out.close());
        REQUIRE(eventually([&] { return in.peers().empty(); }));
    }
    REQUIRE(eventually([&] { return in.stats().events_lost == 6; }));
    for (int i = 0; i < 2; ++i) {
        REQUIRE(must(in.next_event(0s)).kind == godwit::event_kind::peer_joined);
        REQUIRE(must(in.next_event(0s)).kind == godwit::event_kind::peer_left);
    }
    REQUIRE(outcome(in.next_event(0s)) == "timed_out");
}

GODWIT_EACH_TRANSPORT("waiting for peers sees one that comes while it waits") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto url = over.url();
    must(in.bind(url));
    worker waiting{[&] { return outcome(in.wait_for_peers(1)); }};
    worker listening{[&] {
        const auto next = in.next_event();
        return next ? std::string{name(next->kind)} : outcome(next);
    }};
    REQUIRE(waiting.blocks());
    REQUIRE(listening.blocks());
    must(out.connect(url));
    REQUIRE(waiting.saw() == "ok");
    REQUIRE(listening.saw() == "peer_joined");
}
