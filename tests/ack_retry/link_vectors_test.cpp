// The test vectors of envelopes: what is written down in tests/vectors/link, by a writer that is not ours, is what the
// library reads and writes.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "ack_retry/link_frames.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

const stream_id id{0x0123456789abcdef, 0xfedcba9876543210};
constexpr std::uint64_t sum = 0x1122334455667788;

std::vector<std::byte> written(const std::string& name) {
    std::ifstream file{std::filesystem::path{GODWIT_VECTORS} / "link" / (name + ".json")};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const std::string key = "\"hex\": \"";
    const auto begin = text.find(key);
    REQUIRE(begin != std::string::npos);
    std::vector<std::byte> made;
    for (auto at = begin + key.size(); text.at(at) != '"'; at += 2) {
        made.push_back(static_cast<std::byte>(std::stoi(text.substr(at, 2), nullptr, 16)));
    }
    return made;
}

hello the_hello() {
    hello h;
    h.own = pattern::pull;
    h.tag = 77;
    h.answers = 76;
    h.identity = id;
    h.nonce = {5, 6};
    h.epoch = 3;
    h.scope = {7, 8};
    h.can = 3;
    h.needs = 1;
    h.codecs = {0, 2};
    h.heartbeat_ms = 1000;
    h.lease_ms = 5000;
    h.window_messages = 256;
    h.window_bytes = 4194304;
    h.message_bytes_max = 16777216;
    h.floor = 9;
    h.below_floor = {{1, 2}};
    h.holds = {{id, {3, 4}, 2}};
    h.next = {{id, 17}};
    h.filters = {"eur.", ""};
    h.name = "billing";
    return h;
}

}  // namespace

TEST_CASE("envelopes are written, and read, as the vectors say") {
    const ack_frame ack{41, 17, 300, 1048576, {{id, {5, 9}, 3, ack_frame::settled::how::nacked, 250, "not now"}}};
    const std::pair<std::string, link_frame> all[] = {
        {"hello", {0, the_hello()}},
        {"data", {77, data_frame{1, 3, 9, sum}}},
        {"fragment", {77, fragment_frame{{2, 1, 9, sum}, 256, 1000, true, false}}},
        {"ack", {77, ack}},
        {"ping", {77, ping_frame{4, true, 9}}},
        {"bye", {77, bye_frame{"closed", false}}},
        {"reset", {0, reset_frame{78}}},
        {"refuse", {0, refuse_frame{errc::mismatch, "a push met a push"}}},
        {"filter", {77, filter_frame{true, "eur."}}},
        {"gap", {77, gap_frame{id, {5, 9}}}},
        {"reply", {77, reply_frame{2, true, sum}}},
        {"cancel", {77, cancel_frame{id, {5, 9}}}},
    };
    static_assert(std::size(all) == std::variant_size_v<link_content>);
    std::vector<std::byte> made;
    for (const auto& [name, frame] : all) {
        INFO(name);
        const auto bytes_written = written(name);
        encode(frame, made);
        CHECK(made == bytes_written);
        const auto read = decode(bytes_written);
        REQUIRE(read);
        encode(*read, made);
        CHECK(made == bytes_written);
    }
}
