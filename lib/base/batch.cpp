#include "base/batch.hpp"

#include <string>

namespace godwit::detail {

namespace f = batch_format;

batch_view batch_view::trusted(bytes data) noexcept {
    batch_view made;
    made.data_ = data;
    made.first_ = made.base() + made.word(f::first_delta_at);
    return made;
}

stream_id batch_view::stream() const noexcept {
    return {f::load<std::uint64_t>(data_.data() + f::stream_high_at),
            f::load<std::uint64_t>(data_.data() + f::stream_low_at)};
}

std::uint8_t batch_view::codec() const noexcept { return f::load<std::uint8_t>(data_.data() + f::codec_at); }

bool batch_view::has_exceptions() const noexcept {
    return (f::load<std::uint8_t>(data_.data() + f::flags_at) & f::flag_exceptions) != 0;
}

wall_time batch_view::sealed() const noexcept {
    return wall_time{std::chrono::milliseconds{f::load<std::int64_t>(data_.data() + f::sealed_at)}};
}

std::uint32_t batch_view::records_end() const noexcept {
    return codec() == f::codec_none ? batch_header_bytes + word(f::record_bytes_at) : batch_header_bytes;
}

void batch_view::read(std::uint32_t position, record_view& out) const noexcept {
    const std::byte* const record = data_.data() + position;
    const auto size = f::load<std::uint32_t>(record);
    out.at = base() + f::load<std::uint32_t>(record + f::record_delta_at);
    out.whole = {record, size};
    const auto topic = f::load<std::uint16_t>(record + f::record_topic_at);
    out.topic = topic != 0 ? topic_at(topic) : std::string_view{};
    out.priority = f::load<std::uint8_t>(record + f::record_priority_at);
    const auto flags = f::load<std::uint8_t>(record + f::record_flags_at);
    const std::byte* from = record + f::record_header_bytes;
    out.key = {};
    out.headers = {};
    out.has_times = (flags & f::has_times) != 0;
    if (flags != 0) [[unlikely]] {
        from += f::times_bytes(flags);
        if (flags & f::has_key) {
            const auto length = f::load<std::uint16_t>(from);
            from += sizeof length;
            out.key = {reinterpret_cast<const char*>(from), length};
            from += length;
        }
        if (flags & f::has_headers) {
            const std::byte* const begin = from;
            from = f::behind_headers(from);
            out.headers = {begin, from};
        }
    }
    out.body = {from, record + size};
}

bool batch_view::next(std::uint32_t& position, record_view& out) const noexcept {
    if (position >= records_end()) return false;
    read(position, out);
    position += static_cast<std::uint32_t>(out.whole.size());
    return true;
}

bool batch_view::find(offset at, record_view& out) const noexcept {
    if (data_.empty() || at < first() || at > last()) return false;
    const std::uint32_t end = records_end();
    const offset delta = at - base();
    for (std::uint32_t position = batch_header_bytes; position < end; position += word(position)) {
        const std::uint32_t here = word(position + f::record_delta_at);
        if (here < delta) continue;
        if (here == delta) read(position, out);
        return here == delta;
    }
    return false;
}

}  // namespace godwit::detail
