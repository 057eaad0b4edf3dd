#include "base/kept_batch.hpp"

#include <algorithm>
#include <new>

namespace godwit::detail {

namespace {

constexpr std::size_t saved_bytes_min = 512;

}  // namespace

void kept_batch::look_inside() {
    const batch_view& view = batch_.view;
    positions_.reserve(view.count() + std::size_t{1});
    const std::uint32_t end = view.records_end();
    for (std::uint32_t position = view.begin_position(); position < end;) {
        positions_.push_back(position);
        position += batch_format::load<std::uint32_t>(view.data().data() + position);
    }
    positions_.push_back(end);
    live_bytes_ = end - view.begin_position();
}

std::size_t kept_batch::index_of(offset at) const noexcept {
    const batch_view& view = batch_.view;
    if (at <= view.first()) return 0;
    if (at > view.last()) return view.count();
    if (view.is_dense()) return at - view.first();
    const auto delta = at - view.base();
    const auto found =
        std::lower_bound(positions_.begin(), positions_.end() - 1, delta, [&view](auto position, auto value) {
            return batch_format::load<std::uint32_t>(view.data().data() + position + batch_format::record_delta_at) <
                   value;
        });
    return static_cast<std::size_t>(found - positions_.begin());
}

bool kept_batch::first_live(offset from, offset& out) const noexcept {
    const batch_view& view = batch_.view;
    if (from > view.last() || live_ == 0) return false;
    from = std::max(from, view.first());
    if (view.codec() != batch_format::codec_none) return out = released_.first_missing(from), out <= view.last();
    record_view record;
    if (positions_.empty()) {  // nothing is released
        if (view.is_dense()) return out = from, true;
        std::uint32_t position = view.begin_position();
        while (view.next(position, record) && record.at < from) {}
        return out = record.at, true;
    }
    while (from <= view.last()) {
        view.read(positions_[index_of(from)], record);
        from = released_.first_missing(record.at);
        if (from == record.at) return out = from, true;
    }
    return false;
}

void kept_batch::release(offset_range settled) {
    const batch_view& view = batch_.view;
    settled = {std::max(settled.first, view.first()), std::min(settled.last, view.last())};
    if (settled.first > settled.last || live_ == 0) return;
    if (settled.first == view.first() && settled.last == view.last()) {
        live_ = 0;
        return;
    }
    if (view.codec() != batch_format::codec_none) {
        released_.add(settled);
        if (released_.count() == view.last() - view.first() + 1) live_ = 0;
        return;
    }
    if (positions_.empty()) look_inside();
    std::uint32_t records = 0;
    std::size_t record_bytes = 0;
    released_.for_each_missing_in(settled, [&](offset_range part) {
        const std::size_t begin = index_of(part.first);
        const std::size_t end = index_of(part.last + 1);
        records += static_cast<std::uint32_t>(end - begin);
        record_bytes += positions_[end] - positions_[begin];
    });
    released_.add(settled);
    live_ -= records;
    live_bytes_ -= record_bytes;
}

bool kept_batch::shrink() {
    if (positions_.empty() || live_ == 0) return false;
    const std::size_t size = size_bytes();
    if (live_bytes_ >= size / 4 || size - live_bytes_ < batch_header_bytes + saved_bytes_min) return false;
    std::vector<offset_range> wanted;
    released_.for_each_missing_in({batch_.view.first(), batch_.view.last()},
                                  [&wanted](offset_range part) { wanted.push_back(part); });
    kept_batch smaller{cut(batch_.view, wanted)};
    if (smaller.size_bytes() + saved_bytes_min > size) return false;  // its topics are what is large
    *this = std::move(smaller);
    return true;
}

}  // namespace godwit::detail
