// record_parts and record_view: a record before it is written into a batch, and as it is read out of one.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/result.hpp"
#include "godwit/stream.hpp"

namespace godwit::detail {

using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

inline constexpr std::uint8_t priority_default = 4;  // of 0 to 9, as JMS counts
inline constexpr std::uint8_t priority_max = 9;

// Delay and time to live are kept as (sent, duration), so that a wall clock that jumps moves nothing by more than its
// jump; deliver_at is a wall time. Kept between 0 and 2^53 ms: what is outside is written as the nearest that is not.
struct record_times {
    wall_time sent{};  // meaningful with delay or ttl
    std::optional<std::chrono::milliseconds> delay = {};
    std::optional<std::chrono::milliseconds> ttl = {};
    std::optional<wall_time> deliver_at = {};

    bool any() const noexcept { return delay || ttl || deliver_at; }
};

// Borrowed for the length of one call.
struct record_parts {
    std::string_view topic = {};
    std::string_view key = {};
    std::span<const header> headers = {};
    bytes body = {};
    std::uint8_t priority = priority_default;
    record_times times = {};
};

// Whether a record can be written: topic, key and each header's name up to 65,535 bytes, 64 headers, 1 GiB together,
// priority up to 9. Fails with `too_large`, `invalid_argument`.
GODWIT_EXPORT status check_record(const record_parts& parts);
// As written into a batch, without its topic.
GODWIT_EXPORT std::size_t record_bytes(const record_parts& parts) noexcept;

// A record inside a batch that has been checked; every view lives as long as the batch's bytes.
struct GODWIT_EXPORT record_view {
    offset at = 0;
    std::string_view topic = {};
    std::string_view key = {};
    bytes headers = {};  // packed: header_at reads them
    bytes body = {};
    bytes whole = {};  // all bytes of the record
    std::uint8_t priority = priority_default;
    bool has_times = false;  // times() costs a few loads, and most records have none
    record_times times() const noexcept;
    std::size_t header_count() const noexcept;
    header header_at(std::size_t index) const noexcept;  // index < header_count()
    std::string_view header_value(std::string_view name) const noexcept;
};

}  // namespace godwit::detail
