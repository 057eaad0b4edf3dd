#include "transaction/change_format.hpp"

#include "base/byte_fields.hpp"

namespace godwit::detail {

namespace cf = change_format;
using byte_fields::put;
using byte_fields::reader;

namespace {

std::uint32_t size_of(std::string_view text) noexcept { return static_cast<std::uint32_t>(text.size()); }

std::string_view take_text(reader& from, std::size_t size) noexcept {
    if (from.left.size() < size) {
        from.whole = false;
        from.left = {};
        return {};
    }
    const std::string_view text{reinterpret_cast<const char*>(from.left.data()), size};
    from.left = from.left.subspan(size);
    return text;
}

}  // namespace

std::string begin_changes(cf::kind what, transaction_number number, std::uint16_t part) {
    std::string body;
    put(body, cf::magic), put(body, cf::version), put(body, what), put(body, part);
    put(body, number.epoch), put(body, number.step);
    return body;
}

void put_put(std::string& into, std::string_view key, std::string_view value) {
    put(into, cf::item::put), put(into, size_of(key)), put(into, size_of(value));
    into.append(key).append(value);
}

void put_erased(std::string& into, std::string_view key) {
    put(into, cf::item::erased), put(into, size_of(key));
    into.append(key);
}

void put_marks(std::string& into, std::string_view marks) {
    put(into, cf::item::marks), put(into, size_of(marks));
    into.append(marks);
}

void put_count(std::string& into, std::uint64_t keys) { put(into, cf::item::count), put(into, keys); }

result<change_header> decode_change_header(bytes body) {
    reader from{body};
    if (from.take<std::uint32_t>() != cf::magic) return error{errc::malformed, "a record of a state", "it is not one"};
    const auto version = from.take<std::uint8_t>();
    if (from.whole && version != cf::version)
        return error{errc::unsupported, "format " + std::to_string(version), "this release knows format 1"};
    change_header said;
    said.what = from.take<cf::kind>();
    said.part = from.take<std::uint16_t>();
    said.number.epoch = from.take<std::uint64_t>();
    said.number.step = from.take<std::uint64_t>();
    if (!from.whole || said.what < cf::kind::changes || said.what > cf::kind::picture_ends)
        return error{errc::malformed, "a record of a state", "its header"};
    return said;
}

status read_changes(bytes body, const change_reader& tell) {
    const error wrong{errc::malformed, "a record of a state", "an item"};
    if (body.size() < cf::header_bytes) return wrong;
    for (reader from{body.subspan(cf::header_bytes)}; !from.left.empty();) {
        const auto what = from.take<cf::item>();
        if (what == cf::item::count) {
            const auto keys = from.take<std::uint64_t>();
            if (!from.whole) return wrong;
            if (auto told = tell.count(keys); !told) return told;
            continue;
        }
        if (what < cf::item::put || what > cf::item::count) return wrong;
        const std::size_t size = from.take<std::uint32_t>();
        const std::size_t value_size = what == cf::item::put ? from.take<std::uint32_t>() : 0;
        const std::string_view text = take_text(from, size);
        const std::string_view value = take_text(from, value_size);
        if (!from.whole || (what != cf::item::marks && size > cf::key_bytes_max)) return wrong;
        if (what == cf::item::put) {
            tell.put(text, value);
        } else if (what == cf::item::erased) {
            tell.erased(text);
        } else if (auto told = tell.marks(std::as_bytes(std::span{text})); !told) {
            return told;
        }
    }
    return {};
}

}  // namespace godwit::detail
