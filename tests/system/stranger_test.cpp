// A reliable socket that meets a plain one, or another pattern: it is named, and never met with silence.
#include "system/reliable.hpp"

using namespace system_tests;

namespace {

bool names_it(godwit::socket& socket) {
    while (auto next = socket.next_event(0s)) {
        if (next->kind == godwit::event_kind::mismatch || next->kind == godwit::event_kind::mismatch_suspected ||
            next->kind == godwit::event_kind::handshake_refused)
            return true;
    }
    return false;
}

bool names_it(process& peer) {
    const auto told = peer.ask("event s 0");
    return told.find("mismatch") != std::string::npos || told.find("handshake_refused") != std::string::npos;
}

const std::map<std::string, std::string> counterparts{{"push", "pull"}, {"pull", "push"}, {"pub", "sub"},
                                                      {"sub", "pub"},   {"req", "rep"},   {"rep", "req"}};

// Of a process: what a user would do next, so that something goes over the link.
void use(process& peer, const std::string& pattern) {
    if (pattern == "push" || pattern == "req") REQUIRE(peer.ask("send s body=61") == "ok");
    if (pattern == "sub") REQUIRE(peer.ask("subscribe s -") == "ok");
}

std::string pattern_here() { return GENERATE(as<std::string>(), "push", "pull", "pub", "sub", "req", "rep"); }

}  // namespace

TEST_CASE("a reliable socket that meets its plain counterpart names it, whoever binds") {
    const auto kind = GENERATE(as<std::string>(), "tcp_v4", "ipc_file");
    const auto ours = pattern_here();
    const bool we_bind = GENERATE(true, false);
    INFO("reliable " << ours << (we_bind ? " bound" : " dialling") << " over " << kind);
    const auto url = find_transport(kind)->url();
    auto here = reliable(ours, short_lease_words);
    process there{"plain_peer"};
    REQUIRE(there.ask("new s " + counterparts.at(ours)) == "ok");
    REQUIRE((we_bind ? *here : there).ask("bind s " + url).starts_with("ok"));
    REQUIRE((we_bind ? there : *here).ask("connect s " + url) == "ok");
    use(there, counterparts.at(ours));
    bool told_here = false;
    bool told_there = false;
    const auto named = [&] {
        told_here = told_here || names_it(*here);
        told_there = told_there || names_it(there);
        return told_here || told_there;
    };
    REQUIRE(eventually(named, 10s));
    INFO("there " << told_there);
    CHECK(eventually([&] { return named() && told_here; }, 5s));
}

TEST_CASE("a reliable socket that meets libzmq's own names it") {
    const auto ours = GENERATE(as<std::string>(), "push", "pull", "pub", "sub", "req", "rep");
    const bool we_bind = GENERATE(true, false);
    INFO("reliable " << ours << (we_bind ? " bound" : " dialling"));
    const auto url = find_transport("tcp_v4")->url();
    auto here = reliable(ours, short_lease_words);
    process there{"raw_peer"};
    REQUIRE(there.ask("new s " + counterparts.at(ours)) == "ok");
    REQUIRE((we_bind ? *here : there).ask("bind s " + url).starts_with("ok"));
    REQUIRE((we_bind ? there : *here).ask("connect s " + url) == "ok");
    REQUIRE(eventually([&] { return names_it(*here); }));
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
