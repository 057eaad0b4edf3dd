// What a batch says, and what check() refuses.
#include "base/batch.hpp"

#include <cstring>
#include <string>

#include "base/batch_parts.hpp"
#include "test_main.hpp"

using namespace batches;
namespace f = godwit::detail::batch_format;

namespace {

std::string bytes_of(const batch_ref& batch) { return std::string{as_text(batch.view.data())}; }

template <class T>
void put(std::string& in, std::size_t at, T value) {
    std::memcpy(in.data() + at, &value, sizeof value);
}

// With its checksum made good again: what is refused is refused for what it says.
godwit::errc code_of(std::string data, std::size_t record_bytes_max = no_limit) {
    put(data, f::bytes_at, static_cast<std::uint32_t>(data.size()));
    f::sign(reinterpret_cast<std::byte*>(data.data()), data.size());
    const auto checked = batch_view::check(as_bytes(data), record_bytes_max);
    return checked ? godwit::errc{} : checked.error().code();
}

constexpr auto malformed = godwit::errc::malformed;
constexpr std::size_t first_record = f::header_bytes;

const std::vector<owned_record> two_rich{{.at = 10, .topic = "t", .key = "k", .body = "body", .headers = {{"n", "v"}}},
                                         {.at = 12, .topic = "u", .body = "b"}};

}  // namespace

TEST_CASE("a batch says what it holds") {
    const batch_ref batch = batch_of(two_rich);
    CHECK(batch.view.stream() == stream);
    CHECK(batch.view.first() == 10);
    CHECK(batch.view.last() == 12);
    CHECK(batch.view.count() == 2);
    CHECK(batch.view.codec() == 0);
    CHECK(batch.view.sealed() == noon);
    CHECK_FALSE(batch.view.is_dense());
    CHECK_FALSE(batch.view.has_exceptions());
    CHECK(batch_of({3, 4, 5}).view.is_dense());
    CHECK(records_of(batch.view) == two_rich);
}

TEST_CASE("what was written is read, after a check, whatever it was") {
    generator random{7};
    for (int round = 0; round < 300; ++round) {
        const auto records = random.records(60);
        const batch_ref batch = batch_of(records);
        const auto checked = batch_view::check(batch.view.data(), no_limit);
        REQUIRE(checked.has_value());
        CHECK(records_of(*checked) == records);
        CHECK(checked->first() == records.front().at);
        CHECK(checked->last() == records.back().at);
        CHECK(checked->count() == records.size());
        bool has_exceptions = false;
        for (const owned_record& each : records) {
            has_exceptions |= each.priority != priority_default || each.times.any();
            record_view found;
            REQUIRE(checked->find(each.at, found));
            CHECK(owned(found) == each);
        }
        CHECK(checked->has_exceptions() == has_exceptions);
    }
}

TEST_CASE("find finds no offset that is not there") {
    const batch_ref batch = batch_of({5, 7, 9});
    record_view found;
    for (const offset missing : {0, 4, 6, 8, 10, 1000}) CHECK_FALSE(batch.view.find(missing, found));
    CHECK_FALSE(batch_view{}.find(0, found));
}

TEST_CASE("every flipped bit of a batch is noticed") {
    std::string data = bytes_of(batch_of(two_rich));
    for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
        data[bit / 8] = static_cast<char>(data[bit / 8] ^ (1 << bit % 8));
        INFO("bit " << bit);
        CHECK_FALSE(batch_view::check(as_bytes(data), no_limit));
        data[bit / 8] = static_cast<char>(data[bit / 8] ^ (1 << bit % 8));
    }
    CHECK(batch_view::check(as_bytes(data), no_limit));
}

TEST_CASE("every shortened batch is refused, also when its checksum is right") {
    const std::string data = bytes_of(batch_of(two_rich));
    for (std::size_t size = 0; size < data.size(); ++size) {
        INFO("size " << size);
        CHECK_FALSE(batch_view::check(as_bytes(data).first(size), no_limit));
        if (size >= f::header_bytes) CHECK(code_of(data.substr(0, size)) == malformed);
    }
    CHECK(code_of(data + '\0') == malformed);
}

TEST_CASE("what no writer writes is refused, with a checksum that holds") {
    const std::string good = bytes_of(batch_of(two_rich));
    const auto with = [&good](std::size_t at, auto value) {
        std::string changed = good;
        put(changed, at, value);
        return code_of(changed);
    };
    REQUIRE(code_of(good) == godwit::errc{});
    CHECK(with(f::magic_at, std::uint32_t{0}) == malformed);
    CHECK(with(f::version_at, std::uint16_t{2}) == godwit::errc::unsupported);
    CHECK(with(f::flags_at, f::flag_epoch) == godwit::errc::unsupported);
    CHECK(with(f::flags_at, f::flag_exceptions) == malformed);
    CHECK(with(f::flags_at, std::uint8_t{4}) == malformed);
    CHECK(with(f::count_at, std::uint32_t{0}) == malformed);
    CHECK(with(f::count_at, std::uint32_t{1}) == malformed);
    CHECK(with(f::count_at, std::uint32_t{3}) == malformed);
    CHECK(with(f::last_at, std::uint32_t{1}) == malformed);
    CHECK(with(f::last_at, std::uint32_t{3}) == malformed);
    CHECK(with(f::base_at, godwit::offset_max - 1) == malformed);
    CHECK(with(f::base_at, godwit::offset_max - 2) == godwit::errc{});
    CHECK(with(f::sealed_at, std::int64_t{-1}) == malformed);
    CHECK(with(f::record_bytes_at, UINT32_MAX) == malformed);
    CHECK(with(first_record, UINT32_MAX) == malformed);
    CHECK(with(first_record, std::uint32_t{11}) == malformed);
    CHECK(with(first_record, std::uint32_t{0}) == malformed);
    CHECK(with(first_record + f::record_delta_at, std::uint32_t{2}) == malformed);
    CHECK(with(first_record + f::record_topic_at, std::uint16_t{3}) == malformed);
    CHECK(with(first_record + f::record_priority_at, std::uint8_t{10}) == malformed);
    CHECK(with(first_record + f::record_priority_at, std::uint8_t{5}) == malformed);  // and the flag not set
    CHECK(with(first_record + f::record_flags_at, std::uint8_t{32}) == malformed);
    CHECK(with(first_record + 12, std::uint16_t{0}) == malformed);  // the key's length
    CHECK(with(first_record + 12, std::uint16_t{UINT16_MAX}) == malformed);
    CHECK(with(first_record + 15, std::uint16_t{65}) == malformed);  // the number of headers
    CHECK(with(first_record + 15, std::uint16_t{0}) == malformed);
    CHECK(with(first_record + 17, std::uint16_t{UINT16_MAX}) == malformed);  // a name's length
    CHECK(with(first_record + 19, UINT32_MAX) == malformed);                 // a value's
    const std::size_t topics = good.size() - 14;
    CHECK(with(topics, std::uint32_t{0}) == malformed);
    CHECK(with(topics, std::uint32_t{1}) == malformed);
    CHECK(with(topics, UINT32_MAX) == malformed);
    CHECK(with(topics + 4, std::uint32_t{3}) == malformed);
    CHECK(with(topics + 4, std::uint32_t{0}) == malformed);
}

TEST_CASE("times out of their range are refused") {
    std::string data = bytes_of(batch_of({{.at = 1, .body = "b", .times = {.sent = noon, .delay = milliseconds{1}}}}));
    REQUIRE(code_of(data) == godwit::errc{});
    put(data, first_record + 20, std::int64_t{-1});
    CHECK(code_of(data) == malformed);
    put(data, first_record + 20, f::milliseconds_max + 1);
    CHECK(code_of(data) == malformed);
    put(data, first_record + 20, f::milliseconds_max);
    CHECK(code_of(data) == godwit::errc{});
}

TEST_CASE("a record above the limit of the reader is too large") {
    const std::string data = bytes_of(batch_of({{.at = 1, .body = std::string(100, 'x')}}));
    CHECK(code_of(data, 112) == godwit::errc{});
    CHECK(code_of(data, 111) == godwit::errc::too_large);
}

TEST_CASE("of an encoded batch the envelope is checked, and no record is read") {
    std::string data = bytes_of(batch_of({{.at = 7, .body = "xyz"}}));
    const auto record_bytes = static_cast<std::uint32_t>(data.size() - f::header_bytes);
    put(data, f::codec_at, std::uint8_t{1});
    put(data, f::encoded_size_at, record_bytes);
    CHECK(code_of(data) == godwit::errc{});
    f::sign(reinterpret_cast<std::byte*>(data.data()), data.size());
    const auto checked = batch_view::check(as_bytes(data), no_limit);
    REQUIRE(checked.has_value());
    CHECK(checked->codec() == 1);
    CHECK(checked->first() == 7);
    CHECK(checked->last() == 7);
    CHECK(offsets_of(*checked).empty());
    const offset_range all{0, 100};
    CHECK(cut(*checked, {&all, 1}).empty());
    put(data, f::encoded_size_at, record_bytes - 1);
    CHECK(code_of(data) == malformed);
    data[f::header_bytes + 9] ^= 1;
    CHECK_FALSE(batch_view::check(as_bytes(data), no_limit));
}

TEST_CASE("an error names what is wrong and where") {
    std::string data = bytes_of(batch_of(two_rich));
    data[data.size() - 1] ^= 1;
    const auto checked = batch_view::check(as_bytes(data), no_limit);
    REQUIRE_FALSE(checked);
    CHECK(std::string{checked.error().what()}.find("checksum") != std::string::npos);
}
