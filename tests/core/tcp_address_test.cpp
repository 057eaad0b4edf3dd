#include "core/tcp_address.hpp"

#include <unistd.h>

#include <string>

#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

// "NUMERIC local", "NUMERIC remote", or the error's name.
std::string resolved(std::string_view url, direction use) {
    auto where = parse_endpoint(url, use);
    if (!where) return std::string{"does not parse: "} + where.error().what();
    const auto local = resolve(*where, use);
    if (!local) return std::string{name(local.error().code())};
    return where->numeric + (*local ? " local" : " remote");
}

struct row {
    const char* url;
    const char* expected;
};

}  // namespace

TEST_CASE("numeric hosts stay as they are, both ways, and only the loopback's are local") {
    const row table[] = {
        {"tcp://127.0.0.1:5555", "tcp://127.0.0.1:5555 local"},
        {"tcp://127.8.8.8:1", "tcp://127.8.8.8:1 local"},
        {"tcp://127.255.255.255:1", "tcp://127.255.255.255:1 local"},
        {"tcp://128.0.0.1:1", "tcp://128.0.0.1:1 remote"},
        {"tcp://126.255.255.255:1", "tcp://126.255.255.255:1 remote"},
        {"tcp://192.0.2.7:65535", "tcp://192.0.2.7:65535 remote"},
        {"tcp://10.0.0.1:80", "tcp://10.0.0.1:80 remote"},
        {"tcp://0.0.0.0:80", "tcp://0.0.0.0:80 remote"},
        {"tcp://[::1]:9", "tcp://[::1]:9 local"},
        {"tcp://[0:0:0:0:0:0:0:1]:9", "tcp://[::1]:9 local"},
        {"tcp://[::ffff:127.0.0.1]:9", "tcp://[::ffff:127.0.0.1]:9 local"},
        {"tcp://[::ffff:127.9.9.9]:9", "tcp://[::ffff:127.9.9.9]:9 local"},
        {"tcp://[::ffff:192.0.2.1]:9", "tcp://[::ffff:192.0.2.1]:9 remote"},
        {"tcp://[2001:db8::1]:9", "tcp://[2001:db8::1]:9 remote"},
        {"tcp://[fe80::1]:9", "tcp://[fe80::1]:9 remote"},
        {"tcp://[::]:9", "tcp://[::]:9 remote"},
        {"tcp://[::2]:9", "tcp://[::2]:9 remote"},
    };
    for (const row& each : table) {
        CAPTURE(each.url);
        CHECK(resolved(each.url, direction::bind) == each.expected);
        CHECK(resolved(each.url, direction::connect) == each.expected);
    }
}

TEST_CASE("a bind takes all, the system's port, localhost and interface names") {
    CHECK(resolved("tcp://*:5555", direction::bind) == "tcp://*:5555 remote");
    CHECK(resolved("tcp://*:*", direction::bind) == "tcp://*:* remote");
    CHECK(resolved("tcp://127.0.0.1:*", direction::bind) == "tcp://127.0.0.1:* local");
    CHECK(resolved("tcp://127.0.0.1:0", direction::bind) == "tcp://127.0.0.1:* local");
    CHECK(resolved("tcp://localhost:7", direction::bind) == "tcp://127.0.0.1:7 local");
    CHECK(resolved("tcp://lo:7", direction::bind) == "tcp://127.0.0.1:7 local");
}

TEST_CASE("localhost is the loopback without asking anybody, v4 first") {
    CHECK(resolved("tcp://localhost:7", direction::connect) == "tcp://127.0.0.1:7 local");
}

TEST_CASE("a host or an interface that does not exist here is not_found, and the error says the URL") {
    for (const auto use : {direction::bind, direction::connect}) {
        auto where = parse_endpoint("tcp://no-such-thing.invalid:5", use);
        REQUIRE(where);
        const auto found = resolve(*where, use);
        REQUIRE(found.failed(errc::not_found));
        CHECK(found.error().value() == "tcp://no-such-thing.invalid:5");
        CHECK(where->numeric.empty());
    }
    // A host's name is no interface's: to bind, nothing is asked of a name server.
    char host[256] = {};
    REQUIRE(::gethostname(host, sizeof host - 1) == 0);
    const std::string url = "tcp://" + std::string{host} + ":5";
    if (parse_endpoint(url, direction::bind)) CHECK(resolved(url, direction::bind) == "not_found");
}

TEST_CASE("what is not tcp stays on this machine and is left alone") {
    for (const char* const url : {"inproc://name", "ipc:///tmp/path", "ipc://@abstract"}) {
        CAPTURE(url);
        auto where = parse_endpoint(url, direction::bind).value();
        CHECK(resolve(where, direction::bind).value());
        CHECK(where.numeric.empty());
        CHECK(where.url() == url);
    }
}
