#include "journal/segment_reading.hpp"

#include "journal/segment_ends.hpp"
#include "journal/segment_walk.hpp"
#include "journal/segment_writer.hpp"

namespace godwit::detail {

namespace jf = journal_format;

namespace {

result<segment_header> header_of(const file& content) {
    std::array<std::byte, jf::header_bytes> start{};
    const auto got = content.read(0, start);
    if (!got) return got.error();
    return decode_header(bytes{start}.first(*got));
}

batch_ref copy_of(const batch_view& one) {
    batch_ref copy{message{one.data()}, {}};
    copy.view = batch_view::trusted(copy.holder.body());
    return copy;
}

}  // namespace

segment_reading read_segment(directory& in, const batch_places::place& place, stream_id stream, offset at,
                             std::size_t bytes_wanted) {
    segment_reading out;
    const auto opened = in.open(segment_name(place.segment), file_use::read);
    if (!opened) return out.why = opened.error(), out;
    const auto header = header_of(**opened);
    if (!header) return out.why = header.error(), out;
    const auto size = (*opened)->size();
    if (!size) return out.why = size.error(), out;
    const bool whole = place.position == 0;
    segment_walk walk{**opened, *header, whole ? jf::header_bytes : place.position, *size};
    std::size_t taken = 0;
    decoded_entry each;
    while (whole || taken < bytes_wanted) {
        const auto next = walk.next();
        if (!next) return out.why = next.error(), out;
        if (*next == segment_walk::found::nothing) break;
        if (out.why = decode_entry(walk, each); !out.why) return out;
        const auto when = first_appended(each);
        for (std::size_t i = 0; i < each.batches.size(); ++i) {
            const batch_view& one = each.batches[i];
            if (whole && !is_carried(each)) out.seen.push_back({walk.begin(), one.stream(), one.first(), one.last()});
            if (one.stream() != stream || one.last() < at || taken >= bytes_wanted) continue;
            out.wanted.push_back({copy_of(one), when[i]});
            taken += one.data().size();
        }
    }
    return out;
}

}  // namespace godwit::detail
