#include "journal/identity.hpp"

#include "base/checksum.hpp"
#include "journal/bytes_writer.hpp"

namespace godwit::detail {

namespace jf = journal_format;

std::vector<std::byte> encode(const journal_identity& what) {
    std::vector<std::byte> image(jf::identity_bytes + jf::former_id_bytes * what.formers.size() +
                                 sizeof(std::uint64_t));
    fixed_writer to{image.data()};
    to.put(jf::magic_directory), to.put(jf::version), to.put(static_cast<std::uint16_t>(what.formers.size()));
    to.put(what.id.high), to.put(what.id.low), to.put(what.made);
    to.put(what.place.directory), to.put(what.place.file);
    for (const auto& one : what.formers) to.put(one.id.high), to.put(one.id.low), to.put(one.last_segment);
    to.put(digest(bytes{image}.first(image.size() - sizeof(std::uint64_t))));
    return image;
}

result<journal_identity> decode_identity(bytes image) {
    const error wrong{errc::malformed, "a journal's identity"};
    constexpr std::size_t least = jf::identity_bytes + sizeof(std::uint64_t);
    if (image.size() < least || jf::load<std::uint32_t>(image.data()) != jf::magic_directory) return wrong;
    const bytes content = image.first(image.size() - sizeof(std::uint64_t));
    if (digest(content) != jf::load<std::uint64_t>(image.data() + content.size())) return wrong;
    fixed_reader from{image.data() + sizeof(std::uint32_t)};
    if (const auto version = from.take<std::uint16_t>(); version != jf::version)
        return error{errc::unsupported, "format " + std::to_string(version), "this release knows format 1"};
    journal_identity what;
    what.formers.resize(from.take<std::uint16_t>());
    if (what.formers.size() > jf::former_ids_max || image.size() != least + jf::former_id_bytes * what.formers.size())
        return wrong;
    from.take(what.id.high), from.take(what.id.low), from.take(what.made);
    from.take(what.place.directory), from.take(what.place.file);
    for (auto& one : what.formers) from.take(one.id.high), from.take(one.id.low), from.take(one.last_segment);
    return what;
}

}  // namespace godwit::detail
