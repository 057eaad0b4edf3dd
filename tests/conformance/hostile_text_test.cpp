// Strings that somebody hostile would give: as URLs, topics, prefixes and file names, and bodies that lie about their
// lengths. They are refused or escaped, make no file outside their directory, and harm no one after them.
#include <algorithm>
#include <map>
#include <set>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "godwit/msgpack.hpp"

using namespace conformance;
using namespace std::string_literals;

namespace {

const std::string nasty[] = {
    ""s,
    ".."s,
    "../../etc/passwd"s,
    "a\0b"s,
    "\0"s,
    "line\nbreak"s,
    "\r\nbell\x07"s,
    "%s%n%n%s"s,
    "$(touch x)`touch y`"s,
    "\xff\xfe\xc0\x80"s,
    "\x1b[31mred"s,
    "\xe2\x80\xaeturned"s,
    std::string(108, 'x'),
    std::string(65'535, 'y'),
    std::string(65'536, 'y'),
    std::string(65'537, 'z'),
    std::string(1u << 20, '/'),
};

constexpr std::size_t prefix_bytes_max = 4000;  // of a subscription

bool is_one_clean_line(const std::string& text) {
    return text.size() < 1024 && std::ranges::all_of(text, [](char each) {
               return static_cast<unsigned char>(each) >= 0x20 && each != 0x7f;
           });
}

// The error of a call that must not succeed.
template <class T>
void refused(const godwit::result<T>& result) {
    REQUIRE_FALSE(result.has_value());
    REQUIRE(is_one_clean_line(result.error().what()));
    REQUIRE(result.error().value().size() <= 203);
}

template <class T>
void fine_or_refused(const godwit::result<T>& result) {
    if (!result) refused(result);
}

std::set<std::string> files_below(const std::string& directory) {
    std::set<std::string> found;
    for (const auto& one : std::filesystem::recursive_directory_iterator{directory}) found.insert(one.path().string());
    return found;
}

}  // namespace

TEST_CASE("row 94: hostile URLs are refused in one clean line or stay where they point") {
    // A directory below a directory: what climbs out of the inner one lands in the outer one, and is seen.
    const auto outer = scratch().fresh();
    const auto inner = outer + "/inner";
    std::filesystem::create_directories(inner);
    godwit::context ctx;
    for (const auto& text : nasty) {
        for (const auto* scheme : {"", "inproc://", "ipc://@", "tcp://", "tcp://127.0.0.1:", "tcp://[", "unknown://"}) {
            const auto url = scheme + text;
            INFO(url.substr(0, 80));
            godwit::pull in{ctx};
            godwit::push out{ctx};
            fine_or_refused(in.bind(url));
            fine_or_refused(out.connect(url));
            fine_or_refused(in.unbind(url));
            fine_or_refused(out.disconnect(url));
            for (auto* each : {static_cast<godwit::socket*>(&in), static_cast<godwit::socket*>(&out)}) {
                while (auto happened = each->next_event(0s)) {
                    REQUIRE(is_one_clean_line(happened->detail));
                    REQUIRE(is_one_clean_line(happened->endpoint));
                }
            }
        }
        godwit::pull in{ctx};
        const auto before = files_below(outer);
        const auto bound = in.bind("ipc://" + inner + "/" + text);
        fine_or_refused(bound);
        if (!bound) REQUIRE(files_below(outer).size() <= before.size() + 1);  // PATH.lock may be there
        for (const auto& made : files_below(outer)) REQUIRE(made.starts_with(inner));
    }
    REQUIRE(std::filesystem::exists(inner));
}

GODWIT_EACH_TRANSPORT("row 94: hostile topics, keys, headers and prefixes are bytes as others, or too large") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const auto url = over.url();
    must(out.bind(url));
    must(in.connect(url));
    for (const auto& text : nasty) {
        const bool fits = text.size() <= 65'536;
        INFO(text.size() << " bytes: " << text.substr(0, 20));
        fine_or_refused(in.unsubscribe(text));
        if (!fits) {
            refused(in.subscribe(text));
            refused(out.send(text, "x"));
            refused(godwit::message::make({.topic = text}));
            refused(godwit::message::make({.key = text}));
            refused(godwit::message::make({.headers = {{text, "v"}}}));
            continue;
        }
        const std::string prefix = text.substr(0, prefix_bytes_max);
        if (prefix != text) refused(in.subscribe(text));
        must(in.subscribe(prefix));
        must(out.wait_for_subscribers(text, 1, soon));
        const auto whole = must(godwit::message::make(
            {.topic = text, .key = text, .headers = {{text, text}}, .body = godwit::as_bytes(text)}));
        must(out.send(whole));
        const auto got = must(in.recv(soon));
        REQUIRE(got.topic() == text);
        REQUIRE(got.key() == text);
        REQUIRE(got.header_value(text) == text);
        REQUIRE(got.text() == text);
        must(in.unsubscribe(prefix));
    }
}

GODWIT_EACH_TRANSPORT("row 84: bodies that lie are malformed, cost nothing and harm no message after them") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    const std::string lies[] = {
        "\xdd\xff\xff\xff\xff"s,         // an array of 2^32 - 1
        "\xdf\xff\xff\xff\xff"s,         // a map of as many
        std::string(1'000'000, '\x91'),  // a million levels
        "\xdb\xff\xff\xff\xff"
        "abc"s,  // a string beyond the rest
        "\xc6\xff\xff\xff\xff"
        "abc"s,  // bytes
        "\xc9\xff\xff\xff\xff\x01"
        "abc"s,                                           // an extension
        "\x81\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00\x01"s,  // NaN as a key
        "\x80\x80"s,                                      // bytes behind the value
        "\xa3"
        "abc"s,  // another type
        ""s,
    };
    for (const auto& lie : lies) {
        must(out.send(lie));
        must(out.send(std::map<double, int>{{1.5, 7}}));
        const auto got = must(in.recv(soon));
        refused(got.as<std::map<double, int>>());
        REQUIRE(outcome(got.as<std::map<double, int>>()) == "malformed");
        REQUIRE(must(must(in.recv(soon)).as<std::map<double, int>>()).at(1.5) == 7);
    }
    // A key that comes twice is well formed: the map decides, and has it once. So is text that is not UTF-8.
    must(out.send("\x82\x01\x07\x01\x08"s));
    REQUIRE(must(must(in.recv(soon)).as<std::map<int, int>>()).size() == 1);
    must(out.send("\x81\x01\xa2\xff\xfe"s));
    REQUIRE(must(must(in.recv(soon)).as<std::map<int, std::string>>()).at(1) == "\xff\xfe");
}
