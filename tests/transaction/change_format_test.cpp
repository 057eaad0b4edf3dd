#include "transaction/change_format.hpp"

#include "base/handled_marks.hpp"
#include "test_main.hpp"
#include "transaction/state_recovery.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

using kind = change_format::kind;

constexpr stream_id sender{1, 1};

std::string from_hex(std::string_view text) {
    std::string all;
    std::string digits;
    for (const char one : text) {
        if (one != ' ') digits += one;
        if (digits.size() < 2) continue;
        all += static_cast<char>(std::stoi(digits, nullptr, 16));
        digits.clear();
    }
    return all;
}

// The worked example of docs/transaction_format.md.
const std::string example = from_hex(
    "47 57 54 58 01 01 00 00 02 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 03 21 00 00 00 03"
    "01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00"
    "01 03 00 00 00 02 00 00 00 62 6f 62 33 30");

struct found {
    guard marks{100};
    state_recovery state{marks};
    status take(const std::string& body) { return state.take(as_bytes(body)); }
};

std::string changes(transaction_number number, std::string_view key, std::string_view value, std::uint16_t part = 0) {
    std::string body = begin_changes(kind::changes, number, part);
    put_put(body, key, value);
    return body;
}

std::string picture_part(kind what, std::string_view key = {}, std::string_view value = {}) {
    std::string body = begin_changes(what, {1, 0});
    if (!key.empty()) put_put(body, key, value);
    return body;
}

}  // namespace

TEST_CASE("the worked example is written and read as it stands") {
    std::string marks;
    put_done(marks, sender, {7, 7});
    std::string body = begin_changes(kind::changes, {2, 3});
    put_marks(body, marks);
    put_put(body, "bob", "30");
    CHECK(body.size() == 76);
    CHECK(body == example);
    found read;
    REQUIRE(read.take(example));
    CHECK(read.state.map().view().get("bob") == "30");
    CHECK(read.marks.producer(sender).done().contains(7));
}

TEST_CASE("a record that is cut, or of another kind or version, is refused by name") {
    for (std::size_t size = 0; size < example.size(); ++size) {
        found read;
        const auto taken = read.take(example.substr(0, size));
        const bool whole_items = size == 24 || size == 24 + 38;
        INFO(size);
        if (!whole_items) CHECK(taken.failed(errc::malformed));
    }
    const auto with = [](std::size_t at, char value) {
        std::string body = example;
        body[at] = value;
        return found{}.take(body);
    };
    CHECK(with(4, 2).failed(errc::unsupported));
    CHECK(with(0, 'X').failed(errc::malformed));
    CHECK(with(5, 5).failed(errc::malformed));
    CHECK(with(24, 9).failed(errc::malformed));
    CHECK(with(0x40, 1).failed(errc::malformed));  // a key of 65,539 bytes
}

TEST_CASE("an older transaction behind a later one, and one that is there twice, are refused") {
    const auto second_after_first = [](transaction_number first, transaction_number second, std::uint16_t part) {
        found read;
        REQUIRE(read.take(changes(first, "a", "1")));
        return read.take(changes(second, "a", "2", part));
    };
    CHECK(second_after_first({1, 1}, {1, 2}, 0));
    CHECK(second_after_first({1, 1}, {1, 1}, 1));
    CHECK(second_after_first({1, 5}, {2, 1}, 0));
    CHECK(second_after_first({1, 5}, {1, 0}, 0));  // marks alone
    CHECK(second_after_first({1, 1}, {1, 1}, 0).failed(errc::malformed));
    CHECK(second_after_first({1, 1}, {1, 1}, 2).failed(errc::malformed));
    CHECK(second_after_first({1, 2}, {1, 1}, 0).failed(errc::malformed));
    CHECK(second_after_first({2, 1}, {1, 2}, 0).failed(errc::malformed));
}

TEST_CASE("a picture counts from its end on, and one that was not ended is passed over") {
    std::string ends = picture_part(kind::picture_ends);
    put_count(ends, 1);
    found read;
    REQUIRE(read.take(changes({1, 1}, "a", "1")));
    REQUIRE(read.take(picture_part(kind::picture_begins)));
    REQUIRE(read.take(picture_part(kind::picture_goes_on, "half", "")));
    REQUIRE(read.take(changes({1, 2}, "b", "2")));
    CHECK(read.state.map().view().get("a") == "1");
    CHECK_FALSE(read.state.map().view().contains("half"));
    CHECK(read.take(ends).failed(errc::malformed));
    REQUIRE(read.take(picture_part(kind::picture_begins)));
    REQUIRE(read.take(begin_changes(kind::changes, {1, 0})));  // marks between
    REQUIRE(read.take(picture_part(kind::picture_goes_on, "c", "3")));
    CHECK(read.state.map().view().size() == 2);
    REQUIRE(read.take(ends));
    CHECK(read.state.map().view().size() == 1);
    CHECK(read.state.map().view().get("c") == "3");
    CHECK(read.state.since_picture() == 0);
}

TEST_CASE("a picture that lacks a key, or has no order, is refused") {
    std::string ends = picture_part(kind::picture_ends);
    put_count(ends, 2);
    found lacks;
    REQUIRE(lacks.take(picture_part(kind::picture_begins)));
    REQUIRE(lacks.take(picture_part(kind::picture_goes_on, "a", "1")));
    CHECK(lacks.take(ends).failed(errc::malformed));
    found disorder;
    REQUIRE(disorder.take(picture_part(kind::picture_begins)));
    REQUIRE(disorder.take(picture_part(kind::picture_goes_on, "b", "1")));
    REQUIRE(disorder.take(picture_part(kind::picture_goes_on, "a", "1")));
    CHECK(disorder.take(ends).failed(errc::malformed));
}
