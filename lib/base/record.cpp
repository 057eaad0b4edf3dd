#include "base/record.hpp"

#include "base/batch_format.hpp"

#include <string>

namespace godwit::detail {

namespace f = batch_format;

namespace {

// Reads the header at `from`, and leads to the one behind it.
header read_header(const std::byte*& from) noexcept {
    const auto name = f::load<std::uint16_t>(from);
    const auto value = f::load<std::uint32_t>(from + sizeof name);
    const auto* const text = reinterpret_cast<const char*>(from + f::header_sizes_bytes);
    from += f::header_sizes_bytes + name + value;
    return {{text, name}, {text + name, value}};
}

error above(std::string_view what, std::string_view limit) { return {errc::too_large, what, limit}; }

}  // namespace

status check_record(const record_parts& parts) {
    constexpr std::string_view limit = "at most 65535 bytes";
    if (parts.topic.size() > f::name_bytes_max) return above("topic", limit);
    if (parts.key.size() > f::name_bytes_max) return above("key", limit);
    if (parts.headers.size() > f::headers_max) return above("headers", "at most 64 of them");
    for (const header& each : parts.headers) {
        if (each.name.size() > f::name_bytes_max) return above("a header's name", limit);
        if (each.value.size() > f::record_bytes_limit) return above("a header's value", "at most 1 GiB");
    }
    if (parts.body.size() > f::record_bytes_limit || record_bytes(parts) > f::record_bytes_limit) {
        return above("message", "at most 1 GiB");
    }
    if (parts.priority > priority_max) {
        return error{errc::invalid_argument, "priority " + std::to_string(parts.priority), "0 to 9"};
    }
    return {};
}

std::size_t record_bytes(const record_parts& parts) noexcept {
    std::size_t sum = f::record_header_bytes + parts.body.size();
    if (parts.times.any()) {
        const int words = (parts.times.delay || parts.times.ttl) + parts.times.delay.has_value() +
                          parts.times.ttl.has_value() + parts.times.deliver_at.has_value();
        sum += sizeof(std::int64_t) * static_cast<std::size_t>(words);
    }
    if (!parts.key.empty()) sum += sizeof(std::uint16_t) + parts.key.size();
    if (!parts.headers.empty()) sum += sizeof(std::uint16_t);
    for (const header& each : parts.headers) sum += f::header_sizes_bytes + each.name.size() + each.value.size();
    return sum;
}

record_times record_view::times() const noexcept {
    record_times read;
    if (!has_times) return read;
    const auto flags = f::load<std::uint8_t>(whole.data() + f::record_flags_at);
    const std::byte* from = whole.data() + f::record_header_bytes;
    const auto next = [&from] {
        const std::chrono::milliseconds value{f::load<std::int64_t>(from)};
        from += sizeof(std::int64_t);
        return value;
    };
    if (flags & (f::has_delay | f::has_ttl)) read.sent = wall_time{next()};
    if (flags & f::has_delay) read.delay = next();
    if (flags & f::has_ttl) read.ttl = next();
    if (flags & f::has_deliver_at) read.deliver_at = wall_time{next()};
    return read;
}

std::size_t record_view::header_count() const noexcept {
    return headers.empty() ? 0 : f::load<std::uint16_t>(headers.data());
}

header record_view::header_at(std::size_t index) const noexcept {
    const std::byte* from = headers.data() + sizeof(std::uint16_t);
    while (index-- > 0) read_header(from);
    return read_header(from);
}

std::string_view record_view::header_value(std::string_view name) const noexcept {
    const std::size_t count = header_count();
    const std::byte* from = headers.data() + (count != 0 ? sizeof(std::uint16_t) : 0);
    for (std::size_t index = 0; index < count; ++index) {
        if (const header each = read_header(from); each.name == name) return each.value;
    }
    return {};
}

}  // namespace godwit::detail
