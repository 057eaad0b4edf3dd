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

bool batch_view::has_exceptions() const noexcept {
    return (f::load<std::uint8_t>(data_.data() + f::flags_at) & f::flag_exceptions) != 0;
}

wall_time batch_view::sealed() const noexcept {
    return wall_time{std::chrono::milliseconds{f::load<std::int64_t>(data_.data() + f::sealed_at)}};
}

void batch_view::read_parts(unsigned flags, record_view& out) const noexcept {
    const std::byte* from = out.body.data() + f::times_bytes(flags);
    out.has_times = (flags & f::has_times) != 0;
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
    out.body = {from, out.whole.data() + out.whole.size()};
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
