// What the tests of security share: keys, the options of both sides, a test case for each transport that is judged.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

namespace conformance {

using godwit::access_list;
using godwit::applicant;
using godwit::event_kind;
using godwit::key_pair;
using godwit::rights;
using godwit::socket_options;

inline key_pair fresh() { return must(key_pair::generate()); }

// Short lingering: what is sent to one that refuses us would be waited for.
inline socket_options server(const key_pair& keys, const access_list& allow) {
    return {.keys = keys, .allow = allow, .redial_min = 5ms, .redial_max = 50ms};
}
inline socket_options client(const key_pair& keys, const key_pair& expected) {
    return {.linger = 50ms, .keys = keys, .server_key = expected.public_part(), .redial_min = 5ms, .redial_max = 50ms};
}

inline access_list listing(const godwit::public_key& key, std::string_view may = "") {
    access_list list;
    must(list.allow(key, must(rights::parse(may))));
    return list;
}

inline bool contains(const godwit::event& seen, std::string_view words) {
    UNSCOPED_INFO(seen.detail);
    return seen.detail.find(words) != std::string::npos;
}

// All events that are there now.
template <class Socket>
std::vector<godwit::event> events_now(Socket& socket) {
    std::vector<godwit::event> all;
    while (auto next = socket.next_event(0s)) all.push_back(std::move(*next));
    return all;
}

}  // namespace conformance

#define OVER_THE_WIRE(claim) GODWIT_OVER(claim, ipc_file, ipc_abstract, tcp_v4, tcp_v6)
