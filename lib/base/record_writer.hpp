// What builders and cuts write: a record, and a batch's header. The sizes have been made sure of before.
#pragma once
#include "base/batch_format.hpp"
#include "base/record.hpp"

namespace godwit::detail {

struct batch_header {
    std::uint8_t flags = 0;
    std::uint32_t bytes = 0;
    std::uint32_t count = 0;
    stream_id stream = {};
    offset base = 0;
    wall_time sealed = {};
    std::uint32_t last_delta = 0;
    std::uint32_t record_bytes = 0;
};
void write_header(std::byte* to, const batch_header& header) noexcept;  // all but the checksum

// `size`: record_bytes(what).
void write_record(std::byte* to, std::size_t size, std::uint32_t delta, std::uint16_t topic,
                  const record_parts& what) noexcept;

}  // namespace godwit::detail
