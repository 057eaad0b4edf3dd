#include "base/record_writer.hpp"

#include <algorithm>

namespace godwit::detail {

namespace f = batch_format;

namespace {

std::int64_t clamped(std::int64_t milliseconds) noexcept {
    return std::clamp(milliseconds, std::int64_t{0}, f::milliseconds_max);
}

class writer {
public:
    explicit writer(std::byte* to) noexcept : to_{to} {}
    template <class T>
    void put(T value) noexcept {
        f::store(to_, value);
        to_ += sizeof value;
    }
    void put_milliseconds(std::chrono::milliseconds value) noexcept { put(clamped(value.count())); }
    void put_bytes(bytes data) noexcept {
        if (!data.empty()) std::memcpy(to_, data.data(), data.size());
        to_ += data.size();
    }

private:
    std::byte* to_;
};

std::uint8_t flags_of(const record_parts& what) noexcept {
    unsigned flags = 0;
    if (!what.key.empty()) flags |= f::has_key;
    if (!what.headers.empty()) flags |= f::has_headers;
    if (what.times.delay) flags |= f::has_delay;
    if (what.times.ttl) flags |= f::has_ttl;
    if (what.times.deliver_at) flags |= f::has_deliver_at;
    return static_cast<std::uint8_t>(flags);
}

}  // namespace

void write_header(std::byte* to, const batch_header& header) noexcept {
    writer out{to};
    out.put(f::magic);
    out.put(f::version);
    out.put(f::codec_none);
    out.put(header.flags);
    out.put(header.bytes);
    out.put(header.count);
    out.put(header.stream.high);
    out.put(header.stream.low);
    out.put(header.base);
    out.put_milliseconds(header.sealed.time_since_epoch());
    out.put(header.last_delta);
    out.put(header.record_bytes);
}

void write_record(std::byte* to, std::size_t size, std::uint32_t delta, std::uint16_t topic,
                  const record_parts& what) noexcept {
    writer out{to};
    out.put(static_cast<std::uint32_t>(size));
    out.put(delta);
    out.put(topic);
    out.put(what.priority);
    out.put(flags_of(what));
    const record_times& times = what.times;
    if (times.delay || times.ttl) out.put_milliseconds(times.sent.time_since_epoch());
    if (times.delay) out.put_milliseconds(*times.delay);
    if (times.ttl) out.put_milliseconds(*times.ttl);
    if (times.deliver_at) out.put_milliseconds(times.deliver_at->time_since_epoch());
    if (!what.key.empty()) {
        out.put(static_cast<std::uint16_t>(what.key.size()));
        out.put_bytes(as_bytes(what.key));
    }
    if (!what.headers.empty()) {
        out.put(static_cast<std::uint16_t>(what.headers.size()));
        for (const header& each : what.headers) {
            out.put(static_cast<std::uint16_t>(each.name.size()));
            out.put(static_cast<std::uint32_t>(each.value.size()));
            out.put_bytes(as_bytes(each.name));
            out.put_bytes(as_bytes(each.value));
        }
    }
    out.put_bytes(what.body);
}

}  // namespace godwit::detail
