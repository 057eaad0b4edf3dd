// A reliable socket that meets a plain one, or another pattern: it is named, and never met with silence.
#include "system/reliable.hpp"

using namespace system_tests;

namespace {

// Whether an event of that socket has told that the other side does not fit.
bool names_it(process& peer, const std::string& name) {
    for (auto told = peer.ask("event " + name + " 0"); told.starts_with("ok ");
         told = peer.ask("event " + name + " 0")) {
        if (told.find("mismatch") != std::string::npos || told.find("handshake_refused") != std::string::npos)
            return true;
    }
    return false;
}

bool names_it(godwit::socket& socket) {
    while (auto next = socket.next_event(0s)) {
        if (next->kind == godwit::event_kind::mismatch || next->kind == godwit::event_kind::mismatch_suspected)
            return true;
    }
    return false;
}

struct pairing {
    std::string ours, theirs;
    bool we_bind;
    std::string name() const { return ours + (we_bind ? "-bound" : "-dialling"); }
};

std::vector<pairing> all_pairings() {
    std::vector<pairing> all;
    for (const auto& [ours, theirs] : std::map<std::string, std::string>{
             {"push", "pull"}, {"pull", "push"}, {"pub", "sub"}, {"sub", "pub"}, {"req", "rep"}, {"rep", "req"}}) {
        all.push_back({ours, theirs, true});
        all.push_back({ours, theirs, false});
    }
    return all;
}

// A socket in each process for every pairing, each connected to its counterpart.
void connect_all(process& here, process& there, const std::string& kind) {
    for (const auto& each : all_pairings()) {
        const auto url = find_transport(kind)->url();
        const auto name = each.name();
        REQUIRE(here.ask("new " + name + " " + each.ours + " redial=100 handshake=1000" + short_lease_words) == "ok");
        REQUIRE(there.ask("new " + name + " " + each.theirs) == "ok");
        REQUIRE((each.we_bind ? here : there).ask("bind " + name + " " + url).starts_with("ok"));
        REQUIRE((each.we_bind ? there : here).ask("connect " + name + " " + url).starts_with("ok"));
    }
}

void require_all_named(process& here, std::vector<pairing> waiting) {
    const bool all = eventually([&] {
        std::erase_if(waiting, [&](const auto& each) { return names_it(here, each.name()); });
        return waiting.empty();
    });
    std::string silent;
    for (const auto& each : waiting) silent += each.name() + " ";
    INFO("silent: " << silent);
    REQUIRE(all);
}

}  // namespace

TEST_CASE("a reliable socket that meets its plain counterpart names it, whoever binds") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    process here{"reliable_peer"};
    process there{"plain_peer"};
    connect_all(here, there, kind);
    for (const auto& each : all_pairings()) {
        if (each.theirs == "req") REQUIRE(there.ask("send " + each.name() + " body=61") == "ok");
    }
    require_all_named(here, all_pairings());
}

TEST_CASE("a reliable socket names libzmq's own that it dials, and counts those that give up at its door") {
    process here{"reliable_peer"};
    process there{"raw_peer"};
    connect_all(here, there, "tcp_v4");
    auto pairings = all_pairings();
    // After one refusal of its own libzmq dials no more: what could be a scanner is counted, and no event.
    std::erase_if(pairings, [](const auto& each) { return each.we_bind && each.ours != "rep"; });
    require_all_named(here, pairings);
    for (const auto& each : all_pairings()) {
        if (!each.we_bind || each.ours == "rep") continue;
        INFO(each.name());
        REQUIRE(eventually([&] { return here.ask("refused " + each.name()) != "ok 0"; }));
    }
}

TEST_CASE("reliable sockets of patterns that do not fit name each other") {
    const auto url = find_transport("ipc_file")->url();
    godwit::context ctx;
    godwit::push out{ctx, at_least_once(), dials_eagerly};
    godwit::sub wrong{ctx, at_least_once(), dials_eagerly};
    must(out.bind(url));
    must(wrong.connect(url));
    REQUIRE(eventually([&] { return names_it(out); }));
    REQUIRE(eventually([&] { return names_it(wrong); }));
}

TEST_CASE("a stranger that stays does not hold up those that fit") {
    const auto url = find_transport("tcp_v4")->url();
    godwit::context ctx;
    godwit::push out{ctx, at_least_once(), dials_eagerly};
    must(out.bind(url));
    process plain{"plain_peer"};
    REQUIRE(plain.ask("new s pull") == "ok");
    REQUIRE(plain.ask("connect s " + url) == "ok");
    godwit::pull in{ctx, at_least_once(), dials_eagerly};
    must(in.connect(url));
    const acking receiver{in};
    for (int i = 0; i < 1000; ++i) must(out.send(std::to_string(i)));
    require_all_acked(out, 1000);
    REQUIRE(plain.ask("recv s 0").starts_with("error timed_out"));
}
