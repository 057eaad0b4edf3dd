#include "curve_trial.hpp"

#include <algorithm>
#include <memory>

#include "curve_relay.hpp"
#include "duration.hpp"
#include "godwit/godwit.hpp"
#include "settings.hpp"

namespace tool {

namespace {

using clock = probe_line::clock;
using namespace std::chrono_literals;

// One pattern's try. libzmq tells the client no more than this: a wrong server key, and a pattern that does not fit,
// both look as if the peer had hung up.
struct attempt {
    std::string_view pattern;
    std::unique_ptr<godwit::socket> socket;
    enum class state { open, hung_up, not_allowed, joined } now = state::open;
};

void look(attempt& one, const std::stop_token& stop) {
    const auto next = one.socket->next_event(20ms, stop);
    if (next.failed(godwit::errc::cancelled)) throw failure{exit_failed, "interrupted before anything was known"};
    if (!next) return;
    switch (next->kind) {
        case godwit::event_kind::peer_joined:
            one.now = attempt::state::joined;
            break;
        case godwit::event_kind::handshake_refused:
            one.now = next->detail.find("authentication") != std::string::npos ? attempt::state::not_allowed
                                                                               : attempt::state::hung_up;
            break;
        case godwit::event_kind::mismatch_suspected:
            one.now = attempt::state::hung_up;
            break;
        default:
            break;
    }
}

std::vector<attempt> all_attempts(godwit::context& context, const godwit::socket_options& settings) {
    std::vector<attempt> all;
    all.push_back({"push", std::make_unique<godwit::push>(context, settings)});
    all.push_back({"sub", std::make_unique<godwit::sub>(context, settings)});
    all.push_back({"req", std::make_unique<godwit::req>(context, settings)});
    all.push_back({"pub", std::make_unique<godwit::pub>(context, settings)});
    return all;
}

// The attempt that decides, or null: each hung up, or the time is over.
const attempt* decide(std::vector<attempt>& all, clock::time_point deadline, const std::stop_token& stop) {
    const auto is = [](attempt::state wanted) { return [=](const attempt& one) { return one.now == wanted; }; };
    while (clock::now() < deadline && std::any_of(all.begin(), all.end(), is(attempt::state::open))) {
        for (attempt& one : all) {
            if (one.now == attempt::state::open) look(one, stop);
            if (one.now == attempt::state::joined || one.now == attempt::state::not_allowed) return &one;
        }
    }
    return nullptr;
}

void say_not_allowed(const godwit::socket_options& settings, diagnosis& told) {
    told.wrong("security", "CURVE: the server key is right, and ours is not allowed there: our public key " +
                               settings.keys->public_part().text() + " has to be in its --allow file");
}

void say_late(diagnosis& told) {
    told.timed_out = true;
    told.wrong("security", "CURVE: the handshake does not end in time: the peer is busy, or asks who may come");
}

// Each of them hung up. What is left are the patterns that take from the peer, at which nobody looks.
void say_hung_up(welcome answer, const std::string& wished, diagnosis& told) {
    if (answer == welcome::timed_out) return say_late(told);
    if (answer == welcome::refused) return told.wrong("security", "CURVE: --server-key is not the peer's key");
    told.good("security", "CURVE: the peer's key is the one that was given");
    const std::string fits = "the peer is a PUSH, which pull fits, or a REQ, which rep fits";
    if (wished.empty() || wished == "pull" || wished == "rep") {
        told.good("pattern", fits + "; whether our key is allowed, it would tell only to one that takes messages");
    } else {
        told.wrong("pattern", fits + ", and " + wished + " does not");
    }
}

// A req fits REP, ROUTER and DEALER; only to the last two a rep would do.
void judge(const std::string& wished, std::string_view fitting, diagnosis& told) {
    const std::string fits = std::string{fitting} + " fits the peer";
    if (wished.empty() || wished == fitting) return told.good("pattern", fits);
    if (fitting == "req" && wished == "rep") return told.good("pattern", fits + "; rep may, if it is no REP");
    told.wrong("pattern", fits + ", " + wished + " does not");
}

}  // namespace

void try_curve(const options& options, const place& where, const interruption& interrupted, clock::time_point deadline,
               diagnosis& told) {
    godwit::socket_options settings = settings_of(options);
    settings.linger = 0ms;
    settings.redial_min = 1s;
    settings.redial_max = 10s;
    godwit::context context;
    std::vector<attempt> all = all_attempts(context, settings);
    const auto begun = clock::now();
    for (const attempt& one : all) one.socket->connect(options.url).value();
    const attempt* const decided = decide(all, deadline, interrupted.token());
    if (decided == nullptr) {
        if (clock::now() >= deadline) return say_late(told);
        return say_hung_up(ask_for_welcome(settings, where, interrupted, deadline), options.as, told);
    }
    if (decided->now == attempt::state::not_allowed) return say_not_allowed(settings, told);
    told.round_trip = clock::now() - begun;
    told.good("security", "CURVE: the peer's key is the one that was given, and ours is allowed");
    told.good("handshake", "done within " + milliseconds(*told.round_trip));
    judge(options.as, decided->pattern, told);
}

}  // namespace tool
