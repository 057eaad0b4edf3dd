// Waiting: deadlines are values, stop tokens and close() end every blocked call.
#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;

namespace {

// One of each, none with a peer that would ever let a blocked call go on.
struct idle_sockets {
    explicit idle_sockets(const transport& over) {
        must(push.bind(over.url()));
        must(pull.bind(over.url()));
        must(pub.bind(over.url()));
        must(sub.bind(over.url()));
        must(req.connect(over.url()));
        must(rep.bind(over.url()));
        must(sub.subscribe(""));
        asked = must(req.send("nobody answers"));
    }
    godwit::context ctx;
    godwit::push push{ctx};
    godwit::pull pull{ctx};
    godwit::pub pub{ctx};
    godwit::sub sub{ctx};
    godwit::req req{ctx};
    godwit::rep rep{ctx};
    godwit::pending asked;
};

struct blocking_call {
    const char* name;
    std::string (*run)(idle_sockets&, godwit::timeout, std::stop_token);
};

const std::vector<blocking_call> blocking_calls{
    {"push.send",
     [](auto& s, auto limit, auto stop) {
         return outcome(s.push.send(std::string_view{"x"}, {.within = limit, .stop = stop}));
     }},
    {"push.send_many",
     [](auto& s, auto limit, auto stop) {
         const std::vector<godwit::message> some(3);
         return outcome(s.push.send_many(some, {.within = limit, .stop = stop}));
     }},
    {"pull.recv", [](auto& s, auto limit, auto stop) { return outcome(s.pull.recv(limit, stop)); }},
    {"pull.recv_many",
     [](auto& s, auto limit, auto stop) {
         std::vector<godwit::delivery> out(4);
         return outcome(s.pull.recv_many(out, limit, stop));
     }},
    {"sub.recv", [](auto& s, auto limit, auto stop) { return outcome(s.sub.recv(limit, stop)); }},
    {"sub.recv_many",
     [](auto& s, auto limit, auto stop) {
         std::vector<godwit::delivery> out(4);
         return outcome(s.sub.recv_many(out, limit, stop));
     }},
    {"rep.recv", [](auto& s, auto limit, auto stop) { return outcome(s.rep.recv(limit, stop)); }},
    {"pending.wait", [](auto& s, auto limit, auto stop) { return outcome(s.asked.wait(limit, stop)); }},
    {"req.request", [](auto& s, auto limit, auto stop) { return outcome(s.req.request("x", limit, stop)); }},
    {"pub.wait_for_subscribers",
     [](auto& s, auto limit, auto stop) { return outcome(s.pub.wait_for_subscribers("t", 1, limit, stop)); }},
    {"pull.wait_for_peers",
     [](auto& s, auto limit, auto stop) { return outcome(s.pull.wait_for_peers(1, limit, stop)); }},
    {"pull.next_event", [](auto& s, auto limit, auto stop) { return outcome(s.pull.next_event(limit, stop)); }},
};

void close_all(idle_sockets& s) {
    for (godwit::socket* each :
         std::initializer_list<godwit::socket*>{&s.push, &s.pull, &s.pub, &s.sub, &s.req, &s.rep})
        (void)each->close(0s);  // the unanswered request may be lost
}

}  // namespace

GODWIT_EACH_TRANSPORT("a zero timeout answers at once and a short one when it is over") {
    idle_sockets sockets{over};
    for (const auto& call : blocking_calls) {
        INFO(call.name);
        REQUIRE(call.run(sockets, 0s, {}) == "timed_out");
        REQUIRE(call.run(sockets, -1s, {}) == "timed_out");
        const auto begin = std::chrono::steady_clock::now();
        REQUIRE(call.run(sockets, 40ms, {}) == "timed_out");
        REQUIRE(std::chrono::steady_clock::now() - begin >= 40ms);
    }
}

GODWIT_EACH_TRANSPORT("a stop token ends a call that would wait for ever") {
    idle_sockets sockets{over};
    for (const auto& call : blocking_calls) {
        INFO(call.name);
        std::stop_source stop;
        worker waiting{[&] { return call.run(sockets, godwit::timeout::never, stop.get_token()); }};
        REQUIRE(waiting.blocks());
        REQUIRE_FALSE(waiting.finished());
        stop.request_stop();
        REQUIRE(waiting.saw() == "cancelled");
        REQUIRE(call.run(sockets, godwit::timeout::never, stop.get_token()) == "cancelled");
    }
}

GODWIT_EACH_TRANSPORT("close ends calls that would wait for ever") {
    idle_sockets sockets{over};
    std::vector<std::unique_ptr<worker>> waiting;
    for (const auto& call : blocking_calls)
        waiting.push_back(std::make_unique<worker>([&] { return call.run(sockets, godwit::timeout::never, {}); }));
    for (auto& each : waiting) REQUIRE(each->blocks());
    for (auto& each : waiting) REQUIRE_FALSE(each->finished());
    SECTION("of the sockets") { close_all(sockets); }
    SECTION("of the context") { (void)sockets.ctx.close(0s); }
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        INFO(blocking_calls[i].name);
        REQUIRE(waiting[i]->saw() == "closed");
        // What happened before the close may still be told by next_event.
        if (std::string_view{blocking_calls[i].name} != "pull.next_event")
            REQUIRE(blocking_calls[i].run(sockets, 0s, {}) == "closed");
    }
}

GODWIT_EACH_TRANSPORT("close ends eight threads blocked in one recv") {
    godwit::context ctx;
    godwit::pull in{ctx};
    must(in.bind(over.url()));
    std::vector<std::unique_ptr<worker>> waiting;
    for (int i = 0; i < 8; ++i) waiting.push_back(std::make_unique<worker>([&] { return outcome(in.recv()); }));
    for (auto& each : waiting) REQUIRE(each->blocks());
    must(in.close());
    for (auto& each : waiting) REQUIRE(each->saw() == "closed");
    REQUIRE(outcome(in.recv(0s)) == "closed");
    must(in.close());
    must(in.close(0s));
}

GODWIT_EACH_TRANSPORT("a message that is there is taken with a zero timeout") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(out.send("first"));
    must(out.send("second"));
    REQUIRE(receive(in) == "first");
    REQUIRE(eventually([&] {
        const auto got = in.recv(0s);
        return got && got->text() == "second";
    }));
}

GODWIT_EACH_TRANSPORT("a stop token already triggered loses no message that is there") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(out.wait_for_peers(1, soon));
    std::stop_source stop;
    REQUIRE(stop.request_stop());
    must(out.send("kept"));
    must(out.send("last"));
    // What can be had without waiting may be taken all the same; what is not taken stays.
    const auto first = in.recv(soon, stop.get_token());
    if (first)
        REQUIRE(first->text() == "kept");
    else {
        REQUIRE(outcome(first) == "cancelled");
        REQUIRE(receive(in) == "kept");
    }
    REQUIRE(receive(in) == "last");
    REQUIRE(outcome(in.recv(godwit::timeout::never, stop.get_token())) == "cancelled");
}
