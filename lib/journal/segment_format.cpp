#include "journal/segment_format.hpp"

#include "base/checksum.hpp"
#include "journal/bytes_writer.hpp"

namespace godwit::detail {

namespace jf = journal_format;

header_image encode(segment_header& header) {
    header_image image{};
    fixed_writer to{image.data()};
    to.put(jf::magic_segment);
    to.put(jf::version);
    to.put(static_cast<std::uint16_t>(header.behind_quarantine ? 1 : 0));
    to.put(header.journal.high), to.put(header.journal.low);
    to.put(header.number), to.put(header.epoch);
    to.put(header.nonce.high), to.put(header.nonce.low);
    to.put(header.first), to.put(header.seal_before), to.put(header.lowest), to.put(header.made);
    header.seed = digest({image.data(), jf::header_bytes - sizeof header.seed});
    jf::store(image.data() + jf::header_bytes - sizeof header.seed, header.seed);
    return image;
}

result<segment_header> decode_header(bytes image) {
    if (image.size() < jf::header_bytes) return error{errc::malformed, "a segment's header: it is cut off"};
    fixed_reader from{image.data()};
    if (from.take<std::uint32_t>() != jf::magic_segment) return error{errc::malformed, "a segment's header: no magic"};
    const auto version = from.take<std::uint16_t>();
    const auto flags = from.take<std::uint16_t>();
    const auto seed = jf::load<std::uint64_t>(image.data() + jf::header_bytes - sizeof(std::uint64_t));
    if (digest(image.first(jf::header_bytes - sizeof seed)) != seed)
        return error{errc::malformed, "a segment's header: wrong checksum"};
    if (version != jf::version || (flags & ~1u) != 0)
        return error{errc::unsupported, "format " + std::to_string(version) + ", flags " + std::to_string(flags),
                     "this release knows format 1"};
    segment_header header;
    header.behind_quarantine = (flags & 1) != 0;
    from.take(header.journal.high), from.take(header.journal.low);
    from.take(header.number), from.take(header.epoch);
    from.take(header.nonce.high), from.take(header.nonce.low);
    from.take(header.first), from.take(header.seal_before), from.take(header.lowest), from.take(header.made);
    header.seed = seed;
    return header;
}

std::vector<std::byte> encode(segment_footer& footer, std::uint64_t seed) {
    const std::size_t size = jf::footer_fixed_bytes + jf::footer_row_bytes * footer.rows.size() + jf::tail_bytes;
    std::vector<std::byte> image(size);
    fixed_writer to{image.data()};
    to.put(jf::magic_footer), to.put(static_cast<std::uint32_t>(size));
    to.put(footer.last), to.put(footer.last_checksum), to.put(footer.records);
    to.put(footer.earliest), to.put(footer.latest);
    to.put(static_cast<std::uint32_t>(footer.rows.size())), to.put(static_cast<std::uint32_t>(footer.how));
    to.put(footer.checkpoint);
    for (const footer_row& row : footer.rows) {
        to.put(row.stream.high), to.put(row.stream.low), to.put(row.first), to.put(row.end);
        to.put(row.carried_first), to.put(row.carried_end);
    }
    footer.seal = digest({image.data(), size - jf::tail_bytes}, seed);
    to.put(footer.seal), to.put(static_cast<std::uint32_t>(size)), to.put(jf::magic_tail);
    return image;
}

std::uint32_t footer_size(bytes last_tail) noexcept {
    if (last_tail.size() < jf::tail_bytes) return 0;
    const std::byte* const tail = last_tail.data() + last_tail.size() - jf::tail_bytes;
    if (jf::load<std::uint32_t>(tail + 12) != jf::magic_tail) return 0;
    const auto size = jf::load<std::uint32_t>(tail + 8);
    constexpr std::size_t least = jf::footer_fixed_bytes + jf::tail_bytes;
    const bool fits = size >= least && (size - least) % jf::footer_row_bytes == 0 &&
                      (size - least) / jf::footer_row_bytes <= jf::streams_max;
    return fits ? size : 0;
}

result<segment_footer> decode_footer(bytes image, std::uint64_t seed) {
    const error wrong{errc::malformed, "a segment's footer"};
    const std::uint32_t size = footer_size(image);
    if (size == 0 || size != image.size()) return wrong;
    segment_footer footer;
    footer.seal = jf::load<std::uint64_t>(image.data() + size - jf::tail_bytes);
    if (digest(image.first(size - jf::tail_bytes), seed) != footer.seal) return wrong;
    fixed_reader from{image.data()};
    if (from.take<std::uint32_t>() != jf::magic_footer || from.take<std::uint32_t>() != size) return wrong;
    from.take(footer.last), from.take(footer.last_checksum), from.take(footer.records);
    from.take(footer.earliest), from.take(footer.latest);
    footer.rows.resize(from.take<std::uint32_t>());
    footer.how = static_cast<segment_footer::ending>(from.take<std::uint32_t>());
    from.take(footer.checkpoint);
    if (jf::footer_fixed_bytes + jf::footer_row_bytes * footer.rows.size() + jf::tail_bytes != size) return wrong;
    if (footer.how > segment_footer::ending::by_recovery) return error{errc::unsupported, "a segment's ending"};
    for (footer_row& row : footer.rows) {
        from.take(row.stream.high), from.take(row.stream.low), from.take(row.first), from.take(row.end);
        from.take(row.carried_first), from.take(row.carried_end);
    }
    return footer;
}

}  // namespace godwit::detail
