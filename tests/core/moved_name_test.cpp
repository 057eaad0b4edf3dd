#include "core/moved_name.hpp"

#include "core/tcp_address.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using verdict = moved_name::verdict;

namespace {

constexpr const char* here = "tcp://127.0.0.1:5";

moved_name judged(const std::string& number, const socket_options& options = {}) {
    return judge_moved(parse_endpoint("tcp://server.test:5", direction::connect).value(), here, number, options);
}

}  // namespace

TEST_CASE("a name that is where it was, or does not resolve, stays") {
    for (const char* const number : {"127.0.0.1", "", "no number", "127.0.0.1:5", "[::1]"}) {
        CAPTURE(number);
        CHECK(judged(number).what == verdict::stays);
    }
}

TEST_CASE("a name that is elsewhere on this machine moves, with its port") {
    CHECK(judged("127.0.0.2").what == verdict::moves);
    CHECK(judged("127.0.0.2").numeric == "tcp://127.0.0.2:5");
    CHECK(judged("::1").numeric == "tcp://[::1]:5");
}

TEST_CASE("a name that is beyond the loopback moves by the rule of connect: with keys, or insecure") {
    for (const char* const number : {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "0.0.0.0"}) {
        CAPTURE(number);
        CHECK(judged(number).what == verdict::forbidden);
        CHECK(judged(number, {.insecure = true}).what == verdict::moves);
        CHECK(judged(number, {.keys = key_pair::generate().value()}).what == verdict::moves);
    }
    CHECK(judged("192.0.2.1").numeric == "tcp://192.0.2.1:5");
}

TEST_CASE("only what a name server is asked for has a host name") {
    const auto named = [](const char* url) { return has_host_name(parse_endpoint(url, direction::connect).value()); };
    CHECK(named("tcp://server.test:5"));
    CHECK(named("tcp://a:5"));
    for (const char* const url : {"tcp://localhost:5", "tcp://127.0.0.1:5", "tcp://[::1]:5", "inproc://server.test",
                                  "ipc://@server.test", "ipc:///tmp/server.test"}) {
        CAPTURE(url);
        CHECK_FALSE(named(url));
    }
}
