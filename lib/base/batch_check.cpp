// What a batch from outside must be before any other code reads it.
#include <algorithm>
#include <string>

#include "base/batch.hpp"

namespace godwit::detail {

namespace f = batch_format;

namespace {

error wrong(std::string_view what, std::uint64_t value, std::string_view rule) {
    return {errc::malformed, std::string{what} + " " + std::to_string(value), rule};
}

// Takes from the front of what is left; false: too little is left.
class reader {
public:
    explicit reader(bytes data) noexcept : rest_{data} {}
    template <class T>
    bool take(T& value) noexcept {
        if (rest_.size() < sizeof value) return false;
        value = f::load<T>(rest_.data());
        rest_ = rest_.subspan(sizeof value);
        return true;
    }
    bool skip(std::size_t size) noexcept {
        if (rest_.size() < size) return false;
        rest_ = rest_.subspan(size);
        return true;
    }

private:
    bytes rest_;
};

bool times_hold(reader& in, unsigned flags) noexcept {
    for (std::size_t words = f::times_bytes(flags) / sizeof(std::int64_t); words > 0; --words) {
        std::int64_t value = 0;
        if (!in.take(value) || value < 0 || value > f::milliseconds_max) return false;
    }
    return true;
}

bool key_holds(reader& in) noexcept {
    std::uint16_t length = 0;
    return in.take(length) && length != 0 && in.skip(length);
}

bool headers_hold(reader& in) noexcept {
    std::uint16_t count = 0;
    if (!in.take(count) || count == 0 || count > f::headers_max) return false;
    for (; count > 0; --count) {
        std::uint16_t name = 0;
        std::uint32_t value = 0;
        if (!in.take(name) || !in.take(value) || !in.skip(name) || !in.skip(value)) return false;
    }
    return true;
}

struct walked {
    std::uint32_t count = 0;
    std::uint32_t last_delta = 0;
    bool has_exceptions = false;
};

// One record; `rest` begins with it.
status check_record_at(bytes rest, std::uint64_t position, std::uint32_t topics, std::size_t bytes_max,
                       walked& so_far) {
    if (rest.size() < f::record_header_bytes) return wrong("batch: at", position, "a record begins, and does not fit");
    const auto size = f::load<std::uint32_t>(rest.data());
    if (size < f::record_header_bytes || size > rest.size()) {
        return wrong("batch: record bytes", size, "no record can have so many here");
    }
    if (size > bytes_max) {
        return error{errc::too_large, "record of " + std::to_string(size) + " bytes",
                     "at most " + std::to_string(bytes_max)};
    }
    const auto delta = f::load<std::uint32_t>(rest.data() + f::record_delta_at);
    if (so_far.count != 0 && delta <= so_far.last_delta) return wrong("batch: offset", delta, "offsets have to ascend");
    const auto topic = f::load<std::uint16_t>(rest.data() + f::record_topic_at);
    if (topic > topics) return wrong("batch: topic", topic, "there are not so many");
    const auto priority = f::load<std::uint8_t>(rest.data() + f::record_priority_at);
    if (priority > priority_max) return wrong("batch: priority", priority, "0 to 9");
    const auto flags = f::load<std::uint8_t>(rest.data() + f::record_flags_at);
    if ((flags & ~f::known_record_flags) != 0) return wrong("batch: record flags", flags, "unknown ones are set");
    if (flags != 0) {
        reader in{rest.first(size).subspan(f::record_header_bytes)};
        if (!times_hold(in, flags)) return wrong("batch: at", position, "the record's times do not hold");
        if ((flags & f::has_key) != 0 && !key_holds(in)) return wrong("batch: at", position, "the key does not fit");
        if ((flags & f::has_headers) != 0 && !headers_hold(in)) {
            return wrong("batch: at", position, "the record's headers do not fit");
        }
    }
    so_far.has_exceptions |= priority != priority_default || (flags & f::has_times) != 0;
    so_far.last_delta = delta;
    ++so_far.count;
    return {};
}

// How many there are.
result<std::uint32_t> check_topics(bytes table) {
    if (table.empty()) return std::uint32_t{0};
    if (table.size() < sizeof(std::uint32_t)) return wrong("batch: topics' bytes", table.size(), "too few");
    const auto count = f::load<std::uint32_t>(table.data());
    const bytes behind = table.subspan(sizeof count);
    if (count == 0 || count > f::topics_max || behind.size() / sizeof count < count) {
        return wrong("batch: topics", count, "so many cannot be here");
    }
    const std::size_t text = behind.size() - count * sizeof count;
    std::uint32_t before = 0;
    for (std::uint32_t index = 0; index < count; ++index) {
        const auto end = f::load<std::uint32_t>(behind.data() + index * sizeof count);
        if (end < before || end - before > f::name_bytes_max || end > text || end == before) {
            return wrong("batch: end of a topic", end, "1 to 65535 bytes each, one behind the other");
        }
        before = end;
    }
    if (before != text) return wrong("batch: bytes behind the topics", text - before, "there is nothing");
    return count;
}

status check_header(bytes data) {
    if (data.size() < f::header_bytes + f::encoded_envelope_bytes) return wrong("batch: bytes", data.size(), "too few");
    const auto word = [data](std::size_t at) { return f::load<std::uint32_t>(data.data() + at); };
    if (word(f::magic_at) != f::magic) return wrong("batch: magic", word(f::magic_at), "this is no batch");
    if (const auto version = f::load<std::uint16_t>(data.data() + f::version_at); version != f::version) {
        return error{errc::unsupported, "batch of version " + std::to_string(version), "only 1 is known"};
    }
    if (word(f::bytes_at) != data.size()) return wrong("batch: bytes", word(f::bytes_at), "there are others");
    if (f::checksum(data) != f::load<std::uint64_t>(data.data() + f::checksum_at)) {
        return wrong("batch: bytes", data.size(), "the checksum is of others");
    }
    const auto flags = f::load<std::uint8_t>(data.data() + f::flags_at);
    if ((flags & f::flag_epoch) != 0) return error{errc::unsupported, "epoch batch", "this version reads none"};
    if ((flags & ~f::flag_exceptions) != 0) return wrong("batch: flags", flags, "unknown ones are set");
    const auto base = f::load<std::uint64_t>(data.data() + f::base_at);
    if (base > offset_max || word(f::last_at) > offset_max - base)
        return wrong("batch: offset", base, "above 2^63 - 1");
    const auto sealed = f::load<std::int64_t>(data.data() + f::sealed_at);
    if (sealed < 0 || sealed > f::milliseconds_max) return wrong("batch: at", f::sealed_at, "no time to be sealed at");
    const std::uint32_t spread = word(f::last_at) - word(f::first_delta_at);
    if (word(f::count_at) == 0 || word(f::first_delta_at) > word(f::last_at) || word(f::count_at) - 1 > spread) {
        return wrong("batch: count", word(f::count_at), "its first and last offset say otherwise");
    }
    return {};
}

}  // namespace

result<batch_view> batch_view::check(bytes data, std::size_t record_bytes_max) {
    if (status holds = check_header(data); !holds) return holds.error();
    const batch_view view = trusted(data);
    const std::uint32_t record_bytes = view.word(f::record_bytes_at);
    if (view.codec() != f::codec_none) {
        const std::uint64_t plain = view.word(f::encoded_size_at);
        if (record_bytes > plain || record_bytes / f::record_header_bytes < view.count()) {
            return wrong("batch: record bytes", record_bytes, "the encoded part says otherwise");
        }
        return view;
    }
    if (record_bytes > data.size() - f::header_bytes)
        return wrong("batch: record bytes", record_bytes, "there are fewer");
    const std::size_t end = f::header_bytes + record_bytes;
    const auto topics = check_topics(data.subspan(end));
    if (!topics) return topics.error();
    walked found;
    for (std::size_t position = f::header_bytes; position < end;) {
        const bytes rest = data.first(end).subspan(position);
        if (status holds = check_record_at(rest, position, *topics, record_bytes_max, found); !holds)
            return holds.error();
        position += f::load<std::uint32_t>(rest.data());
    }
    if (found.count != view.count()) return wrong("batch: count", view.count(), "there are others");
    if (found.last_delta != view.word(f::last_at)) return wrong("batch: last offset", view.last(), "it is another");
    if (found.has_exceptions != view.has_exceptions()) {
        return wrong("batch: flags", view.has_exceptions(), "the records say otherwise");
    }
    return view;
}

}  // namespace godwit::detail
