// Who comes and goes, who does not fit, and what the socket says of itself.
#include <nlohmann/json.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "reliable/reliable.hpp"

using namespace reliable;

namespace {

class counting final : public godwit::layer {
public:
    std::string_view name() const noexcept override { return "counting"; }
    godwit::layer_place place() const noexcept override { return godwit::layer_place::effect; }
};

// A module that is only a layer.
struct counts {
    void install(godwit::assembly& into) const { into.add(std::make_shared<counting>()); }
};

// The first event that says that somebody does not fit; fails the test when none comes.
template <class Socket>
godwit::event misfit_of(Socket& at) {
    const auto end = std::chrono::steady_clock::now() + soon;
    while (auto next = at.next_event(end - std::chrono::steady_clock::now())) {
        if (next->kind == event_kind::mismatch || next->kind == event_kind::mismatch_suspected ||
            next->kind == event_kind::handshake_refused) {
            return std::move(*next);
        }
    }
    FAIL("nothing was said of a peer that does not fit");
    return {};
}

}  // namespace

OVER_EACH_LINK("peers are told as they join and leave, on both sides") {
    line both{over};
    const auto joined = event_of(both.out, event_kind::peer_joined);
    REQUIRE(joined.peer_id != 0);
    event_of(both.in, event_kind::peer_joined);
    must(both.out.send("x"));
    REQUIRE(take(both.in) == "x");
    must(both.out.flush(stage::processed, soon));
    must(both.in.close(soon));
    REQUIRE(event_of(both.out, event_kind::peer_left).peer_id == joined.peer_id);
    REQUIRE(eventually([&] { return both.out.peers().empty() && both.out.delivery_counters().links == 0; }));
}

OVER_EACH_LINK("a plain peer at a reliable socket is named on both sides, and the right one is served") {
    line both{over};
    godwit::push plain{both.ctx, brisk()};
    const auto connected = plain.connect(both.url);
    if (connected) misfit_of(plain);
    misfit_of(both.in);
    must(both.out.send("x"));
    REQUIRE(take(both.in) == "x");
    must(both.out.flush(stage::processed, soon));
}

OVER_EACH_LINK("a reliable peer at a plain socket is named on both sides, and the right one is served") {
    godwit::context ctx;
    godwit::pull plain{ctx, brisk()};
    const auto url = must(plain.bind(over.url()));
    godwit::push wrong{ctx, quick(), brisk()};
    const auto connected = wrong.connect(url);
    if (connected) {
        (void)wrong.send("never taken", {.within = 0ms});
        misfit_of(wrong);
    }
    misfit_of(plain);
    godwit::push right{ctx, brisk()};
    must(right.connect(url));
    must(right.send("x"));
    REQUIRE(receive(plain) == "x");
}

OVER_EACH_LINK("a reliable peer of a pattern that does not fit is named on both sides, in words") {
    line both{over};
    godwit::pull wrong{both.ctx, quick(), brisk()};
    if (wrong.connect(both.url)) misfit_of(wrong);
    REQUIRE(!misfit_of(both.in).detail.empty());
    godwit::sub also{both.ctx, quick(), brisk()};
    if (also.connect(both.url)) misfit_of(also);
    REQUIRE(!misfit_of(both.in).detail.empty());
    must(both.out.send("x"));
    REQUIRE(take(both.in) == "x");
}

OVER_EACH_LINK("modules that cannot work together are refused at the first endpoint, by name") {
    godwit::context ctx;
    godwit::push alone{ctx, counts{}, brisk()};
    const auto refused = alone.bind(over.url());
    REQUIRE(outcome(refused) == "invalid_argument");
    REQUIRE(std::string{refused.error().what()}.find("ack_retry") != std::string::npos);
    REQUIRE(std::string{refused.error().what()}.find("counting") != std::string::npos);
    REQUIRE(outcome(alone.connect(over.url())) == "invalid_argument");
    REQUIRE(outcome(alone.send("x", {.within = 0ms})) == "timed_out");
    must(alone.close(soon));
    godwit::push twice{ctx, quick(), quick(), brisk()};
    REQUIRE(outcome(twice.bind(over.url())) == "invalid_argument");
    godwit::push wrong{ctx, ack_retry{.attempts_max = 0}, brisk()};
    const auto named = wrong.bind(over.url());
    REQUIRE(outcome(named) == "invalid_argument");
    REQUIRE(std::string{named.error().what()}.find("attempts_max") != std::string::npos);
    godwit::push together{ctx, counts{}, quick(), brisk()};
    must(together.bind(over.url()));
}

OVER_EACH_LINK("a plain socket's counters of deliveries are zero, a reliable one's are in every report") {
    line both{over};
    must(both.out.send("x"));
    must(both.in.recv(soon)).nack();
    REQUIRE(take(both.in) == "x");
    must(both.out.flush(stage::processed, soon));
    const auto stats = both.out.delivery_counters();
    REQUIRE(stats.acked == 1);
    REQUIRE(stats.nacked == 1);
    REQUIRE(stats.redelivered == 1);
    REQUIRE(stats.unsettled == 0);
    REQUIRE(stats.links == 1);
    REQUIRE(both.in.delivery_counters().acked == 1);
    godwit::push plain{both.ctx};
    REQUIRE(plain.delivery_counters().acked == 0);
    REQUIRE(!plain.report().delivery);
    REQUIRE(both.out.report().delivery->acked == 1);
    const auto all = nlohmann::json::parse(godwit::to_json(both.ctx.report()));
    int reliable_ones = 0;
    for (const auto& one : all.at("sockets")) {
        if (!one.contains("delivery")) continue;
        ++reliable_ones;
        REQUIRE(one.at("delivery").at("acked") == 1);
        REQUIRE(one.at("delivery").at("nacked") == 1);
    }
    REQUIRE(reliable_ones == 2);
    const auto text = godwit::to_prometheus(both.ctx.report());
    REQUIRE(text.find("# TYPE godwit_delivery_acked_total counter\n") != std::string::npos);
    REQUIRE(text.find("# TYPE godwit_delivery_unsettled gauge\n") != std::string::npos);
    REQUIRE(text.find("godwit_delivery_nacked_total{socket=\"push-1\",pattern=\"push\"} 1\n") != std::string::npos);
}

OVER_EACH_LINK("in a child after fork every verb says forked, and the parent goes on") {
    line both{over};
    const auto sent = must(both.out.send("x"));
    auto hand = std::make_unique<godwit::delivery>(must(both.in.recv(soon)));
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(static_cast<unsigned>(soon.count()));
        bool fine = outcome(both.out.send("y")) == "forked" && outcome(both.in.recv(0s)) == "forked" &&
                    outcome(both.out.flush()) == "forked" && outcome(both.out.requeue(1)) == "forked" &&
                    outcome(sent.wait(stage::processed, 0s)) != "ok" && outcome(both.in.close(0s)) == "forked" &&
                    outcome(both.in.consume([](godwit::delivery&) {})) == "forked" && both.out.dead_letters().empty() &&
                    both.out.delivery_counters().acked == 0;
        hand->ack();
        hand.reset();
        ::_exit(fine ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
    REQUIRE(outcome(sent.wait(stage::processed, 0s)) == "timed_out");
    hand->ack();
    REQUIRE(fate(sent) == "processed");
    must(both.out.close(soon));
}
