#include "dedup/mark_format.hpp"

#include "base/batch_format.hpp"
#include "base/byte_fields.hpp"
#include "base/checksum.hpp"

namespace godwit::detail {

namespace mf = mark_format;
using byte_fields::put;
using byte_fields::reader;

namespace {

bool is_signed(bytes image) {
    const bytes content = image.first(image.size() - sizeof(std::uint64_t));
    return digest(content) == batch_format::load<std::uint64_t>(image.data() + content.size());
}

error newer(std::uint16_t version) {
    return {errc::unsupported, "format " + std::to_string(version), "this release knows format 1"};
}

}  // namespace

std::string encode(const memory_place& what) {
    std::string image;
    put(image, mf::magic_identity), put(image, mf::version), put(image, what.holds);
    put(image, what.scope), put(image, what.made);
    put(image, what.place.directory), put(image, what.place.file);
    put(image, digest(as_bytes_of(image)));
    return image;
}

result<memory_place> decode_place(bytes image) {
    const error wrong{errc::malformed, "a memory's identity"};
    reader from{image};
    if (from.take<std::uint32_t>() != mf::magic_identity) return wrong;
    if (const auto version = from.take<std::uint16_t>(); from.whole && version != mf::version) return newer(version);
    if (image.size() != mf::identity_bytes || !is_signed(image)) return wrong;
    memory_place what;
    what.holds = from.take<mf::content>();
    what.scope = from.take_id();
    what.made = from.take<std::int64_t>();
    what.place.directory = from.take<std::uint64_t>();
    what.place.file = from.take<std::uint64_t>();
    return what;
}

std::string encode(const mark_file_header& what) {
    std::string image;
    put(image, mf::magic_file), put(image, mf::version), put(image, what.holds);
    put(image, what.number), put(image, what.scope), put(image, what.epoch), put(image, what.nonce);
    put(image, digest(as_bytes_of(image)));
    return image;
}

result<mark_file_header> decode_mark_file(bytes image) {
    const error wrong{errc::malformed, "the header of a file of marks"};
    reader from{image};
    if (from.take<std::uint32_t>() != mf::magic_file) return wrong;
    if (const auto version = from.take<std::uint16_t>(); from.whole && version != mf::version) return newer(version);
    if (image.size() < mf::file_header_bytes || !is_signed(image.first(mf::file_header_bytes))) return wrong;
    mark_file_header what;
    what.holds = from.take<mf::content>();
    what.number = from.take<std::uint64_t>();
    what.scope = from.take_id();
    what.epoch = from.take<std::uint64_t>();
    what.nonce = from.take_id();
    return what;
}

std::string seal_marks(std::string_view content, std::uint64_t number, std::uint64_t synced, std::uint64_t seed) {
    std::string image;
    image.reserve(mf::entry_header_bytes + content.size());
    put(image, mf::magic_entry), put(image, static_cast<std::uint32_t>(content.size()));
    put(image, number), put(image, synced);
    const bytes parts[] = {as_bytes_of(image), as_bytes_of(content)};
    put(image, digest_of_parts(parts, seed));
    return image.append(content);
}

std::optional<mark_entry> find_marks(bytes at, std::uint64_t seed) {
    reader from{at};
    if (from.take<std::uint32_t>() != mf::magic_entry) return std::nullopt;
    const std::size_t size = from.take<std::uint32_t>();
    mark_entry found;
    found.number = from.take<std::uint64_t>();
    found.synced = from.take<std::uint64_t>();
    const auto checksum = from.take<std::uint64_t>();
    if (!from.whole || size > from.left.size()) return std::nullopt;
    found.content = from.left.first(size);
    found.size_bytes = mf::entry_header_bytes + size;
    const bytes parts[] = {at.first(mf::entry_header_bytes - sizeof checksum), found.content};
    if (digest_of_parts(parts, seed) != checksum) return std::nullopt;
    return found;
}

}  // namespace godwit::detail
