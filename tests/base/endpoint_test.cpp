#include "base/endpoint.hpp"

#include <random>
#include <string>

#include "test_main.hpp"

using godwit::detail::direction;
using godwit::detail::endpoint;
using godwit::detail::parse_endpoint;
using godwit::detail::transport;
using namespace std::string_literals;

namespace {

constexpr int bind_only = 1;
constexpr int connect_only = 2;
constexpr int both = 3;

struct accepted {
    std::string url;
    std::string canonical;
    int uses = both;
};

const std::string host_of_253 = [] {
    std::string made;
    while (made.size() < 253) made += "abcdefghi.";
    made.resize(253);
    made.back() = 'x';
    return made;
}();

}  // namespace

TEST_CASE("what is right is accepted, in its canonical form") {
    const accepted cases[] = {
        {"inproc://orders", "inproc://orders"},
        {"inproc://" + std::string(255, 'n'), "inproc://" + std::string(255, 'n')},
        {"inproc://a b://c%s", "inproc://a b://c%s"},
        {"ipc:///run/shop/orders", "ipc:///run/shop/orders"},
        {"ipc://relative/../up", "ipc://relative/../up"},
        {"ipc://" + std::string(107, 'p'), "ipc://" + std::string(107, 'p')},
        {"ipc://@abstract", "ipc://@abstract"},
        {"ipc://./*", "ipc://./*"},
        {"ipc:///tmp/new line %s", "ipc:///tmp/new line %s"},
        {"tcp://127.0.0.1:5555", "tcp://127.0.0.1:5555"},
        {"tcp://0.0.0.0:1", "tcp://0.0.0.0:1"},
        {"tcp://255.255.255.255:65535", "tcp://255.255.255.255:65535"},
        {"tcp://localhost:80", "tcp://localhost:80"},
        {"tcp://lo:80", "tcp://lo:80"},
        {"tcp://eth0.100:80", "tcp://eth0.100:80"},
        {"tcp://my_host-1.example.org:443", "tcp://my_host-1.example.org:443"},
        {"tcp://example.org.:443", "tcp://example.org.:443"},
        {"tcp://" + host_of_253 + ":443", "tcp://" + host_of_253 + ":443"},
        {"tcp://7up.example:443", "tcp://7up.example:443"},
        {"tcp://[::1]:5", "tcp://[::1]:5"},
        {"tcp://[::]:5", "tcp://[::]:5"},
        {"tcp://[2001:DB8:0:0::1]:5", "tcp://[2001:db8::1]:5"},
        {"tcp://[::ffff:127.0.0.1]:5", "tcp://[::ffff:127.0.0.1]:5"},
        {"tcp://*:5555", "tcp://*:5555", bind_only},
        {"tcp://*:*", "tcp://*:*", bind_only},
        {"tcp://127.0.0.1:*", "tcp://127.0.0.1:*", bind_only},
        {"tcp://127.0.0.1:0", "tcp://127.0.0.1:*", bind_only},
        {"tcp://[::1]:0", "tcp://[::1]:*", bind_only},
    };
    for (const accepted& each : cases) {
        CAPTURE(each.url);
        for (const direction use : {direction::bind, direction::connect}) {
            const int flag = use == direction::bind ? bind_only : connect_only;
            const auto parsed = parse_endpoint(each.url, use);
            REQUIRE(parsed.has_value() == ((each.uses & flag) != 0));
            if (parsed) {
                CHECK(parsed->url() == each.canonical);
            } else {
                CHECK(parsed.failed(godwit::errc::invalid_endpoint));
            }
        }
    }
}

TEST_CASE("the parts of an endpoint are what its URL says") {
    const endpoint inproc = parse_endpoint("inproc://orders", direction::bind).value();
    CHECK(inproc.kind == transport::inproc);
    CHECK(inproc.address == "orders");
    CHECK_FALSE(inproc.is_abstract());
    const endpoint abstract = parse_endpoint("ipc://@name", direction::bind).value();
    CHECK(abstract.kind == transport::ipc);
    CHECK(abstract.address == "@name");
    CHECK(abstract.is_abstract());
    CHECK_FALSE(parse_endpoint("ipc://a@b", direction::bind)->is_abstract());
    const endpoint tcp = parse_endpoint("tcp://[::1]:5555", direction::connect).value();
    CHECK(tcp.kind == transport::tcp);
    CHECK(tcp.address == "::1");
    CHECK(tcp.port == 5555);
    CHECK_FALSE(tcp.any_port);
    const endpoint any = parse_endpoint("tcp://*:*", direction::bind).value();
    CHECK(any.address == "*");
    CHECK(any.port == 0);
    CHECK(any.any_port);
}

TEST_CASE("what is wrong is refused for both uses, and named") {
    const std::string cases[] = {
        "",
        ":",
        "://",
        "tcp",
        "tcp:",
        "tcp:/127.0.0.1:5",
        "//127.0.0.1:5",
        "127.0.0.1:5555",
        "TCP://127.0.0.1:5",
        "Ipc:///x",
        "udp://127.0.0.1:5",
        "ws://127.0.0.1:5",
        " tcp://127.0.0.1:5",
        "tcp ://a:5",
        "\0tcp://127.0.0.1:5"s,
        "tcp\0://127.0.0.1:5"s,
        "inproc://",
        "inproc://" + std::string(256, 'n'),
        "inproc://a\nb",
        "ipc://a\nb",
        "ipc://a\x7f",
        "inproc://a\0b"s,
        "inproc://\x7f",
        "inproc://bl\xc3\xa5",
        "inproc://" + std::string(64 << 10, 'n'),
        "ipc://",
        "ipc://@",
        "ipc://" + std::string(108, 'p'),
        "ipc:///tmp/a\0b"s,
        "ipc://\0abstract"s,
        "ipc://*",
        "ipc://*name",
        "ipc://" + std::string(64 << 10, 'p'),
        "tcp://",
        "tcp://:",
        "tcp://:5",
        "tcp://host",
        "tcp://host:",
        "tcp://host/5",
        "tcp://127.0.0.1:-1",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:99999999999999999999",
        "tcp://127.0.0.1:+5",
        "tcp://127.0.0.1:0x10",
        "tcp://127.0.0.1: 5",
        "tcp://127.0.0.1:5 ",
        "tcp://127.0.0.1:5\n",
        "tcp://127.0.0.1:05",
        "tcp://127.0.0.1:00",
        "tcp://127.0.0.1:5a",
        "tcp://127.0.0.1:a5",
        "tcp://127.0.0.1:5/",
        "tcp://127.0.0.1:5/x",
        "tcp://127.0.0.1:5\0"s,
        "tcp://127.0.0.1:\0005"s,
        "tcp://127.0.0.1:**",
        "tcp://127.0.0.1:5*",
        "tcp://a:1:2",
        "tcp://127.1:5",
        "tcp://0:5",
        "tcp://2130706433:5",
        "tcp://0x7f.1:5",
        "tcp://0x7f000001:5",
        "tcp://0177.0.0.1:5",
        "tcp://127.0.0.01:5",
        "tcp://127.0.0.256:5",
        "tcp://127.0.0:5",
        "tcp://127.0.0.0.1:5",
        "tcp://1.2.3.4.:5",
        "tcp://0x7f.0.0.1:5",
        "tcp://0X7F.1:5",
        "tcp://1.2.3.0x4:5",
        "tcp://0x:5",
        "tcp://::1:5",
        "tcp://fe80::1:5",
        "tcp://[::1]",
        "tcp://[::1]5",
        "tcp://[::1",
        "tcp://[]:5",
        "tcp://[::1]]:5",
        "tcp://[[::1]]:5",
        "tcp://[127.0.0.1]:5",
        "tcp://[localhost]:5",
        "tcp://[fe80::1%eth0]:5",
        "tcp://[fe80::1%2]:5",
        "tcp://[::1\0]:5"s,
        "tcp://[:::1]:5",
        "tcp://[::12345]:5",
        "tcp://[::1 ]:5",
        "tcp://[*]:5",
        "tcp://[::1]:",
        "tcp://ho st:5",
        "tcp:// host:5",
        "tcp://host :5",
        "tcp://ho\0st:5"s,
        "tcp://ho\nst:5",
        "tcp://ho%73t:5",
        "tcp://host%eth0:5",
        "tcp://user@host:5",
        "tcp://ho/st:5",
        "tcp://host?x:5",
        "tcp://a;b:5",
        "tcp://127.0.0.1:0;127.0.0.1:5",
        "tcp://bl\xc3\xa5:5",
        "tcp://a..b:5",
        "tcp://.a:5",
        "tcp://.:5",
        "tcp://..:5",
        "tcp://a..:5",
        "tcp://**:5",
        "tcp://*.example.org:5",
        "tcp://" + host_of_253 + "x:5",
        "tcp://" + std::string(64 << 10, 'h') + ":5",
    };
    for (const std::string& url : cases) {
        for (const direction use : {direction::bind, direction::connect}) {
            CAPTURE(url, use == direction::bind);
            const auto parsed = parse_endpoint(url, use);
            REQUIRE(parsed.failed(godwit::errc::invalid_endpoint));
            const std::string line = parsed.error().what();
            CHECK(line.starts_with("invalid_endpoint: "));
            CHECK(line.size() < 400);
            CHECK(line.find('\n') == line.npos);
            CHECK(parsed.error().value().empty() == url.empty());
        }
    }
}

TEST_CASE("an unknown scheme is answered with the three that there are") {
    const std::string line = parse_endpoint("udp://127.0.0.1:5", direction::bind).error().what();
    for (const auto scheme : {"inproc://", "ipc://", "tcp://"}) CHECK(line.find(scheme) != line.npos);
    CHECK(line.starts_with("invalid_endpoint: udp://127.0.0.1:5: "));
}

TEST_CASE("whatever is accepted parses again from its canonical URL, to the same endpoint") {
    std::mt19937 random{20240817};
    const std::string pieces[] = {"tcp",  "ipc",       "inproc", "://", ":",    "//",    "[",     "]",
                                  "::1",  "127.0.0.1", "*",      "0",   "5555", "65535", "65536", "localhost",
                                  "eth0", ".",         "-",      "_",   "@",    "/tmp",  "%",     " ",
                                  "\n",   "\0"s,       "fe80",   "::",  "0x7f", "a",     "\xff"};
    const std::string starts[] = {"tcp://", "ipc://", "inproc://", "tcp://[", ""};
    int taken = 0;
    for (int round = 0; round < 200'000; ++round) {
        std::string url = starts[random() % std::size(starts)];
        for (auto count = random() % 6; count > 0; --count) url += pieces[random() % std::size(pieces)];
        const direction use = random() % 2 == 0 ? direction::bind : direction::connect;
        const auto first = parse_endpoint(url, use);
        if (!first) continue;
        ++taken;
        const std::string canonical = first->url();
        const auto second = parse_endpoint(canonical, use);
        CAPTURE(url, canonical);
        REQUIRE(second.has_value());
        REQUIRE(second->url() == canonical);
        REQUIRE(second->kind == first->kind);
        REQUIRE(second->address == first->address);
        REQUIRE(second->port == first->port);
        REQUIRE(second->any_port == first->any_port);
        if (first->kind == transport::tcp && use == direction::connect) {
            REQUIRE(first->port != 0);
            REQUIRE(first->address != "*");
        }
    }
    CHECK(taken > 1000);
}
