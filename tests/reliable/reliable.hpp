// What the suite of reliable sockets shares: options that do not wait for seconds, a push and a pull that have met, and a
// test case for each way in which a link is carried.
#pragma once
#include <string>
#include <vector>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "godwit/ack_retry.hpp"

namespace reliable {

using namespace conformance;
using godwit::ack_retry;
using godwit::event_kind;
using godwit::socket_options;
using godwit::stage;

// A retry comes at once, and failures pause nobody.
inline ack_retry quick() { return {.backoff_min = 1ms, .backoff_max = 5ms, .pause_after_failures = 0}; }

inline socket_options brisk() {
    return {.linger = std::chrono::milliseconds{0}, .redial_min = 5ms, .redial_max = 50ms};
}

// How far the message is known to have come; or why that is not known.
inline std::string fate(const godwit::receipt& of, stage wanted = stage::processed, godwit::timeout limit = soon) {
    const auto what = of.wait(wanted, limit);
    return std::string{what ? godwit::name(*what) : godwit::name(what.error().code())};
}

// A push and a pull that have met.
struct line {
    explicit line(const transport& over, const ack_retry& sender = quick(), const ack_retry& receiver = quick())
        : out{ctx, sender, brisk()}, in{ctx, receiver, brisk()}, url{must(in.bind(over.url()))} {
        must(out.connect(url));
    }
    godwit::context ctx;
    godwit::push out;
    godwit::pull in;
    std::string url;
};

template <class Socket>
std::string take(Socket& in) {
    auto got = in.recv(soon);
    if (!got) FAIL(got.error().what());
    got->ack();
    return std::string{got->text()};
}

inline std::vector<std::string> numbers(std::size_t count, std::size_t from = 0) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(std::to_string(from + i));
    return all;
}

}  // namespace reliable

#define OVER_THESE_LINKS(claim, ...) GODWIT_OVER(claim, __VA_ARGS__)
#define OVER_EACH_LINK(claim) OVER_THESE_LINKS(claim, inproc, ipc_abstract, tcp_v4)
// Between contexts.
#define OVER_EACH_WIRE(claim) OVER_THESE_LINKS(claim, ipc_abstract, tcp_v4)
