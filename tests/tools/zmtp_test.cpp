#include "zmtp.hpp"

#include <random>

#include "patterns.hpp"
#include "test_main.hpp"

using namespace tool::zmtp;

namespace {

std::string greeting_of(unsigned major, unsigned minor, std::string_view mechanism) {
    std::string all = greeting_begin() + greeting_rest(mechanism);
    all[10] = static_cast<char>(major);
    all[11] = static_cast<char>(minor);
    return all;
}

std::string counted(std::size_t width, std::string_view bytes) {
    std::string result;
    for (std::size_t i = width; i-- > 0;) {
        result += static_cast<char>(i < sizeof(std::size_t) ? bytes.size() >> (8 * i) & 0xff : 0);
    }
    return result.append(bytes);
}

std::string command_of(std::string_view name, std::string_view body) {
    return '\x04' + counted(1, counted(1, name).append(body));
}

std::string property(std::string_view name, std::string_view value) { return counted(1, name) + counted(4, value); }

// What the parser makes of a command after a greeting.
progress parsed(std::string_view bytes, command& into) {
    return parse_command(greeting_of(3, 1, "NULL").append(bytes), into);
}

}  // namespace

TEST_CASE("our greeting is one that we can read, in two halves") {
    CHECK(greeting_begin().size() == 12);
    const std::string whole = greeting_begin() + greeting_rest("NULL");
    REQUIRE(whole.size() == greeting_size);
    const auto read = parse_greeting(whole);
    REQUIRE(read);
    CHECK(read->major == 3);
    CHECK(read->minor == 0);
    CHECK(read->mechanism == "NULL");
}

TEST_CASE("the protocol is told from the first bytes") {
    using namespace std::string_view_literals;
    CHECK(protocol_of("") == protocol::unknown);
    CHECK(protocol_of("\xff") == protocol::unknown);
    CHECK(protocol_of(greeting_begin().substr(0, 10)) == protocol::unknown);
    CHECK(protocol_of(greeting_begin()) == protocol::zmtp_3);
    CHECK(protocol_of(greeting_of(4, 0, "NULL")) == protocol::zmtp_3);
    CHECK(protocol_of(greeting_of(1, 0, "")) == protocol::zmtp_2);
    CHECK(protocol_of(greeting_of(0, 0, "")) == protocol::zmtp_1);
    CHECK(protocol_of("\x01\x00"sv) == protocol::zmtp_1);                      // nobody in particular
    CHECK(protocol_of("\x05\x00name"sv) == protocol::zmtp_1);                  // a name
    CHECK(protocol_of("\xff\0\0\0\0\0\0\x01\x00\x00"sv) == protocol::zmtp_1);  // a long name
    CHECK(protocol_of("SSH-2.0-OpenSSH_9.2\r\n") == protocol::foreign);
    CHECK(protocol_of("HTTP/1.1 400 Bad Request\r\n") == protocol::foreign);
    CHECK(protocol_of("\x15\x03\x01\x00\x02"sv) == protocol::foreign);  // TLS
    CHECK(protocol_of("\x00\x00"sv) == protocol::foreign);
}

TEST_CASE("a greeting is read when all of it is there, and names a mechanism") {
    const std::string whole = greeting_of(3, 1, "CURVE");
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK(!parse_greeting(whole.substr(0, size)));
    const auto read = parse_greeting(whole);
    REQUIRE(read);
    CHECK(read->minor == 1);
    CHECK(read->mechanism == "CURVE");
    CHECK(parse_greeting(greeting_of(3, 1, "TWENTYLETTERSEXACTLY"))->mechanism == "TWENTYLETTERSEXACTLY");

    CHECK(!parse_greeting(greeting_of(3, 1, "")));
    CHECK(!parse_greeting(greeting_of(3, 1, "null")));
    CHECK(!parse_greeting(greeting_of(3, 1, "NU\nLL")));
    std::string gap = greeting_of(3, 1, "NULL");
    gap[12 + 6] = 'X';
    CHECK(!parse_greeting(gap));
    CHECK(!parse_greeting(greeting_of(1, 0, "NULL")));
}

TEST_CASE("a command is read when all of it is there, in either length") {
    const std::string ready = command_of("READY", property("Socket-Type", "PULL") + property("Identity", ""));
    command read;
    for (std::size_t size = 0; size < ready.size(); ++size) {
        CHECK(parsed(ready.substr(0, size), read) == progress::unfinished);
    }
    REQUIRE(parsed(ready + "more", read) == progress::done);
    CHECK(read.name == "READY");
    const auto properties = parse_metadata(read.body);
    REQUIRE(properties);
    CHECK(properties->size() == 2);
    CHECK(properties->at("socket-type") == "PULL");

    const std::string body = counted(1, "READY") + property("Socket-Type", std::string(300, 'x'));
    REQUIRE(parsed('\x06' + counted(8, body), read) == progress::done);
    CHECK(parse_metadata(read.body)->at("socket-type").size() == 300);
    CHECK(parse_command(std::string(10, 'x'), read) == progress::unfinished);
}

TEST_CASE("what is no command, or too large for one, is malformed at once") {
    command read;
    CHECK(parsed(std::string{'\0'} + counted(1, "a message"), read) == progress::malformed);
    CHECK(parsed(std::string{'\x05'} + counted(1, "x"), read) == progress::malformed);
    CHECK(parsed("\x06\x7f\xff\xff\xff\xff\xff\xff\xff", read) == progress::malformed);
    CHECK(parsed('\x06' + counted(8, std::string(command_bytes_max + 1, 'x')).substr(0, 8), read) ==
          progress::malformed);
    CHECK(parsed("\x04" + counted(1, ""), read) == progress::malformed);
    CHECK(parsed("\x04" + counted(1, std::string(1, '\0')), read) == progress::malformed);
    CHECK(parsed("\x04" + counted(1, "\x09short"), read) == progress::malformed);
}

TEST_CASE("metadata and errors whose lengths lie are not believed") {
    CHECK(parse_metadata("")->empty());
    CHECK(!parse_metadata("\x0bSocket"));
    CHECK(!parse_metadata(counted(1, "Socket-Type") + "\xff\xff\xff\xffPULL"));
    CHECK(!parse_metadata(counted(1, "Socket-Type") + std::string(3, '\0')));
    CHECK(!parse_metadata(std::string(5, '\0')));
    CHECK(parse_metadata(property("a", "1") + property("a", "2"))->at("a") == "1");
    CHECK(parse_error(counted(1, "400")) == "400");
    CHECK(!parse_error(""));
    CHECK(
        !parse_error("\x04"
                     "400"));
    CHECK(!parse_error(counted(1, "400") + "x"));
}

TEST_CASE("no bytes at all mislead the parsers") {
    std::minstd_rand random{20240607};
    command read;
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = random() % 2 == 0 ? greeting_of(3, 0, "NULL") : std::string{};
        bytes += static_cast<char>(random() % 8);
        for (std::size_t left = random() % 80; left > 0; --left) bytes += static_cast<char>(random() % 256);
        (void)protocol_of(bytes);
        (void)parse_greeting(bytes);
        if (parse_command(bytes, read) != progress::done) continue;
        CHECK(!read.name.empty());
        CHECK(read.name.size() + read.body.size() < bytes.size());
        (void)parse_metadata(read.body);
        (void)parse_error(read.body);
    }
}

TEST_CASE("each socket type has the patterns that fit it") {
    using list = std::vector<std::string_view>;
    CHECK(tool::patterns_for("PUSH") == list{"pull"});
    CHECK(tool::patterns_for("XPUB") == list{"sub"});
    CHECK(tool::patterns_for("ROUTER") == list{"req", "rep"});
    CHECK(tool::patterns_for("DEALER") == list{"rep", "req"});
    CHECK(tool::patterns_for("PAIR").empty());
}
