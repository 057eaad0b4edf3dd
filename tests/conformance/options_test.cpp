// Options: checked at the first bind or connect, fixed from then on.
#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT("an option that cannot be right is refused by its name") {
    struct wrong {
        const char* field;
        godwit::socket_options options;
    };
    const auto& bad = GENERATE(values<wrong>({
        {"queue_messages_max", {.queue_messages_max = 0}},
        {"queue_messages_max", {.queue_messages_max = 1'000'001}},
        {"message_bytes_max", {.message_bytes_max = 0}},
        {"linger", {.linger = -1ms}},
        {"redial_min", {.redial_min = -1ms}},
        {"redial_max", {.redial_min = 100ms, .redial_max = 50ms}},
        {"handshake_max", {.handshake_max = -1ms}},
        {"events_max", {.events_max = 0}},
    }));
    INFO(bad.field);
    godwit::context ctx;
    godwit::push out{ctx, bad.options};
    const auto bound = out.bind(over.url());
    REQUIRE(outcome(bound) == "invalid_argument");
    REQUIRE(std::string{bound.error().what()}.find(bad.field) != std::string::npos);
    const auto connected = out.connect(over.url());
    REQUIRE(outcome(connected) == "invalid_argument");
    REQUIRE(std::string{connected.error().what()}.find(bad.field) != std::string::npos);
    // Nothing has begun: better options still help.
    must(out.configure({}));
    must(out.bind(over.url()));
}

GODWIT_EACH_TRANSPORT("options of the context are checked too") {
    struct wrong {
        const char* field;
        godwit::context_options options;
    };
    const auto& bad = GENERATE(values<wrong>({{"io_threads", {.io_threads = 0}},
                                              {"io_threads", {.io_threads = 17}},
                                              {"sockets_max", {.sockets_max = 0}},
                                              {"sockets_max", {.sockets_max = 65'536}}}));
    INFO(bad.field);
    godwit::context ctx{bad.options};
    godwit::pull in{ctx};
    const auto bound = in.bind(over.url());
    REQUIRE(outcome(bound) == "invalid_argument");
    REQUIRE(std::string{bound.error().what()}.find(bad.field) != std::string::npos);
}

GODWIT_EACH_TRANSPORT("options can be replaced until the first bind or connect") {
    godwit::context ctx;
    godwit::push out{ctx, {.send_timeout = godwit::timeout::never}};
    must(out.configure({.send_timeout = 30ms}));
    SECTION("bind") { must(out.bind(over.url())); }
    SECTION("connect") {
        must(out.configure({.send_timeout = 30ms, .wait_for_peer = true}));
        must(out.connect(over.url()));
    }
    REQUIRE(outcome(out.configure({})) == "too_late");
    // And the ones given in time hold: this send has nobody to go to.
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(outcome(out.send("x")) == "timed_out");
    REQUIRE(std::chrono::steady_clock::now() - begin >= 30ms);
}

GODWIT_EACH_TRANSPORT("a bind that failed leaves the options open") {
    godwit::context ctx;
    godwit::pull in{ctx};
    REQUIRE(outcome(in.bind("nonsense")) == "invalid_endpoint");
    must(in.configure({.queue_messages_max = 10}));
    must(in.bind(over.url()));
    REQUIRE(outcome(in.configure({.queue_messages_max = 20})) == "too_late");
}

TEST_CASE("every pattern takes options late only once") {
    godwit::context ctx;
    godwit::push push{ctx};
    godwit::pull pull{ctx};
    godwit::pub pub{ctx};
    godwit::sub sub{ctx};
    godwit::req req{ctx};
    godwit::rep rep{ctx};
    for (godwit::socket* each : std::initializer_list<godwit::socket*>{&push, &pull, &pub, &sub, &req, &rep}) {
        must(each->configure({.queue_messages_max = 7}));
        must(each->bind(inproc::make()));
        REQUIRE(outcome(each->configure({})) == "too_late");
    }
}
