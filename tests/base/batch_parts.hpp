// What the tests of batches share: records that own their bytes, made by a seeded generator, and batches of them.
#pragma once
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/batch.hpp"

namespace batches {

using godwit::as_bytes;
using godwit::as_text;
using godwit::bytes;
using godwit::header;
using godwit::offset;
using godwit::offset_range;
using namespace godwit::detail;
using std::chrono::milliseconds;

inline constexpr godwit::stream_id stream{0x0123456789abcdef, 0xfedcba9876543210};
inline constexpr std::size_t no_limit = 16u << 20;
inline const wall_time noon{milliseconds{1'700'000'000'000}};

struct owned_record {
    offset at = 0;
    std::string topic = {}, key = {}, body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::uint8_t priority = priority_default;
    record_times times = {};

    bool operator==(const owned_record& other) const {
        return at == other.at && topic == other.topic && key == other.key && body == other.body &&
               headers == other.headers && priority == other.priority && times.sent == other.times.sent &&
               times.delay == other.times.delay && times.ttl == other.times.ttl &&
               times.deliver_at == other.times.deliver_at;
    }
};

inline bool add(batch_builder& to, const owned_record& record, std::size_t bytes_max = no_limit) {
    std::vector<header> headers;
    for (const auto& [name, value] : record.headers) headers.push_back({name, value});
    return to.add(record.at,
                  {.topic = record.topic,
                   .key = record.key,
                   .headers = headers,
                   .body = as_bytes(record.body),
                   .priority = record.priority,
                   .times = record.times},
                  bytes_max);
}

inline batch_ref batch_of(const std::vector<owned_record>& records) {
    batch_builder builder{stream};
    for (const owned_record& record : records) add(builder, record);
    return builder.seal(noon);
}

// Bodies alone, at these offsets.
inline batch_ref batch_of(const std::vector<offset>& offsets, std::size_t body_bytes = 20) {
    batch_builder builder{stream};
    for (const offset at : offsets) {
        const std::string body(body_bytes, static_cast<char>('a' + at % 26));
        builder.add_body(at, as_bytes(body), no_limit);
    }
    return builder.seal(noon);
}

inline owned_record owned(const record_view& from) {
    owned_record made{.at = from.at,
                      .topic = std::string{from.topic},
                      .key = std::string{from.key},
                      .body = std::string{as_text(from.body)},
                      .priority = from.priority,
                      .times = from.times()};
    for (std::size_t i = 0; i < from.header_count(); ++i) {
        made.headers.emplace_back(from.header_at(i).name, from.header_at(i).value);
    }
    return made;
}

inline std::vector<owned_record> records_of(const batch_view& batch) {
    std::vector<owned_record> records;
    record_view each;
    for (std::uint32_t position = batch.begin_position(); batch.next(position, each);) records.push_back(owned(each));
    return records;
}

inline std::vector<offset> offsets_of(const batch_view& batch) {
    std::vector<offset> offsets;
    record_view each;
    for (std::uint32_t position = batch.begin_position(); batch.next(position, each);) offsets.push_back(each.at);
    return offsets;
}

class generator {
public:
    explicit generator(std::uint32_t seed) : random_{seed} {}
    std::uint64_t below(std::uint64_t end) { return random_() % end; }
    std::string text(std::size_t size_max) {
        std::string made(below(size_max + 1), ' ');
        for (char& each : made) each = static_cast<char>(below(256));
        return made;
    }
    owned_record record(offset at) {
        owned_record made{.at = at, .body = text(below(8) == 0 ? 3000 : 60)};
        if (below(2) == 0) made.topic = "topic " + std::to_string(below(12));
        if (below(4) == 0) made.key = text(30);
        if (below(4) == 0) {
            for (std::uint64_t count = 1 + below(5); count > 0; --count) made.headers.emplace_back(text(8), text(20));
        }
        if (below(6) == 0) made.priority = static_cast<std::uint8_t>(below(10));
        if (below(6) == 0) made.times.delay = milliseconds{below(100'000)};
        if (below(6) == 0) made.times.ttl = milliseconds{below(100'000)};
        if (made.times.delay || made.times.ttl) made.times.sent = noon - milliseconds{below(1000)};
        if (below(6) == 0) made.times.deliver_at = noon + milliseconds{below(1000)};
        return made;
    }
    // In ascending offsets, some of them with gaps.
    std::vector<owned_record> records(std::size_t count_max) {
        std::vector<owned_record> made;
        offset at = below(1000);
        for (std::uint64_t count = 1 + below(count_max); count > 0; --count) {
            made.push_back(record(at));
            at += below(3) == 0 ? 1 + below(50) : 1;
        }
        return made;
    }

private:
    std::mt19937 random_;
};

}  // namespace batches
