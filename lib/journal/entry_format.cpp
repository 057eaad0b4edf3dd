// An entry's head and content: see segment_format.hpp.
#include "base/checksum.hpp"
#include "journal/bytes_writer.hpp"
#include "journal/segment_format.hpp"

namespace godwit::detail {

namespace jf = journal_format;

namespace {

constexpr std::size_t checked_bytes = jf::head_bytes - sizeof(std::uint64_t);

error wrong(std::string_view what) { return error{errc::malformed, what}; }

}  // namespace

head_image encode(entry_head& head, std::uint64_t seed) {
    head_image image;
    fixed_writer to{image.data()};
    to.put(jf::magic_entry), to.put(head.size);
    to.put(head.number), to.put(head.durable), to.put(head.chain), to.put(head.when);
    to.put(head.batches), to.put(head.notes), to.put(head.content);
    head.checksum = digest({image.data(), checked_bytes}, seed);
    to.put(head.checksum);
    return image;
}

bool decode_head(bytes image, std::uint64_t seed, entry_head& out) noexcept {
    fixed_reader from{image.data()};
    if (image.size() < jf::head_bytes || from.take<std::uint32_t>() != jf::magic_entry) return false;
    from.take(out.size);
    from.take(out.number), from.take(out.durable), from.take(out.chain), from.take(out.when);
    from.take(out.batches), from.take(out.notes), from.take(out.content), from.take(out.checksum);
    return digest(image.first(checked_bytes), seed) == out.checksum && out.size >= jf::head_bytes &&
           out.size % jf::alignment == 0 && out.size <= jf::entry_bytes_max;
}

bool encode(std::span<const batch_ref> batches, std::span<const note> notes, entry_head head, std::uint64_t seed,
            encoded_entry& out) {
    const std::uint64_t size = encoded_bytes(batches, notes);
    if (size > jf::entry_bytes_max) return false;
    std::uint64_t batch_bytes = 0;
    out.parts.assign(1, {});  // the head's place
    for (const batch_ref& one : batches) {
        out.parts.push_back(one.view.data());
        batch_bytes += one.view.data().size();
    }
    out.notes.assign(size - jf::head_bytes - batch_bytes, std::byte{0});
    std::byte* at = out.notes.data();
    for (const note& one : notes) {
        fixed_writer to{at};
        to.put(static_cast<std::uint16_t>(one.what)), to.put(std::uint16_t{0});
        to.put(static_cast<std::uint32_t>(one.content.size())), to.put(one.stream.high), to.put(one.stream.low);
        at += jf::note_head_bytes;
        if (!one.content.empty()) std::memcpy(at, one.content.data(), one.content.size());
        at += one.content.size();
    }
    if (!out.notes.empty()) out.parts.emplace_back(out.notes);
    head.size = static_cast<std::uint32_t>(size);
    head.batches = static_cast<std::uint32_t>(batches.size());
    head.notes = static_cast<std::uint32_t>(notes.size());
    head.content = digest_of_parts(std::span{out.parts}.subspan(1), seed);
    out.head = head;
    out.image = encode(out.head, seed);
    out.parts.front() = out.image;
    return true;
}

std::uint64_t content_checksum(bytes whole, std::uint64_t seed) noexcept {
    return digest(whole.subspan(jf::head_bytes), seed);
}

bool content_passes(bytes whole, std::uint64_t seed, const entry_head& head) noexcept {
    return whole.size() == head.size && content_checksum(whole, seed) == head.content;
}

status decode_content(bytes whole, decoded_entry& out) {
    const entry_head& head = out.head;
    bytes left = whole.subspan(jf::head_bytes);
    out.batches.clear();
    out.notes.clear();
    for (std::uint32_t i = 0; i < head.batches; ++i) {
        if (left.size() < batch_header_bytes) return wrong("an entry: more batches than bytes");
        const auto size = jf::load<std::uint32_t>(left.data() + batch_format::bytes_at);
        if (size < batch_header_bytes || size > left.size()) return wrong("an entry: a batch's length");
        auto checked = batch_view::check(left.first(size), batch_format::record_bytes_limit);
        if (!checked) return checked.error();
        out.batches.push_back(*checked);
        left = left.subspan(size);
    }
    for (std::uint32_t i = 0; i < head.notes; ++i) {
        if (left.size() < jf::note_head_bytes) return wrong("an entry: more notes than bytes");
        fixed_reader from{left.data()};
        decoded_entry::note_view one;
        one.what = static_cast<note::kind>(from.take<std::uint16_t>());
        from.take<std::uint16_t>();
        const auto size = from.take<std::uint32_t>();
        from.take(one.stream.high), from.take(one.stream.low);
        left = left.subspan(jf::note_head_bytes);
        if (size > left.size()) return wrong("an entry: a note's length");
        one.content = as_text(left.first(size));
        out.notes.push_back(one);
        left = left.subspan(size);
    }
    if (left.size() >= jf::alignment) return wrong("an entry: bytes behind its content");
    return {};
}

}  // namespace godwit::detail
