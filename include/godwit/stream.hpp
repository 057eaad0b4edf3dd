// stream_id and offset: a record's identity, for ever. A stream is one sender's ordered run of messages.
#pragma once
#include <compare>
#include <cstdint>
#include <string>

#include "godwit/export.hpp"

namespace godwit {

// Rises by one from record to record inside an epoch, and is never given twice. Below 2^63.
using offset = std::uint64_t;
inline constexpr offset offset_max = (offset{1} << 63) - 1;

// 128 random bits, made with the stream's log.
struct stream_id {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    bool empty() const noexcept { return high == 0 && low == 0; }
    friend auto operator<=>(const stream_id&, const stream_id&) = default;
};
GODWIT_EXPORT std::string to_string(const stream_id& id);  // 32 hexadecimal digits

// Closed: both ends belong to it.
struct offset_range {
    offset first = 0;
    offset last = 0;

    std::uint64_t count() const noexcept { return last - first + 1; }
    bool contains(offset at) const noexcept { return first <= at && at <= last; }
    friend auto operator<=>(const offset_range&, const offset_range&) = default;
};

}  // namespace godwit
