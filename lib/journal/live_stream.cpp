#include "journal/live_stream.hpp"

#include <algorithm>

namespace godwit::detail {

void live_stream::restore(offset next, range_set gone, double bytes_each) {
    given = visible = next;
    released = std::move(gone);
    if (next == 0) return;
    released.for_each_missing_in({0, next - 1}, [&](offset_range part) { live_records_ += part.count(); });
    live_bytes_ = static_cast<std::uint64_t>(static_cast<double>(live_records_) * bytes_each);
}

void live_stream::submitted(const batch_view& batch) {
    if (batch.first() > given) released.add({given, batch.first() - 1});
    if (!batch.is_dense() && batch.codec() == batch_format::codec_none) {
        record_view each;
        offset expected = batch.first();
        for (std::uint32_t position = batch.begin_position(); batch.next(position, each); expected = each.at + 1) {
            if (each.at > expected) released.add({expected, each.at - 1});
        }
    }
    given = batch.last() + 1;
    live_records_ += batch.count();
    live_bytes_ += batch.data().size();
}

std::uint64_t live_stream::release(offset_range what) {
    if (given == 0 || what.first >= given) return 0;
    what.last = std::min(what.last, given - 1);
    const std::uint64_t fresh = released.add(what);
    if (fresh == 0) return 0;
    unsaved.push_back(what);
    delivery.forget(what);
    carried.forget(what, released);
    const std::uint64_t left = live_records_ - std::min(fresh, live_records_);
    live_bytes_ = live_records_ == 0
                      ? 0
                      : live_bytes_ / live_records_ * left + live_bytes_ % live_records_ * left / live_records_;
    live_records_ = left;
    for (auto one = recent_.lower_bound(what.first); one != recent_.end();) {
        const batch_view& view = one->second.view;
        if (view.first() > what.last) break;
        one = all_released({view.first(), view.last()}) ? recent_.erase(one) : std::next(one);
    }
    return fresh;
}

const batch_ref* live_stream::find(offset at) const noexcept {
    const auto found = recent_.lower_bound(at);
    return found != recent_.end() && found->second.view.first() <= at ? &found->second : nullptr;
}

void live_stream::keep(const batch_ref& batch) {
    if (!all_released({batch.view.first(), batch.view.last()})) recent_.insert_or_assign(batch.view.last(), batch);
}

void live_stream::drop(offset last) { recent_.erase(last); }

void live_stream::withdraw(const batch_view& batch) {
    if (given != batch.last() + 1) {
        released.add({batch.first(), batch.last()});  // in memory alone: the next batch leaves a hole there
    } else {
        given = batch.first();
    }
    live_records_ -= std::min<std::uint64_t>(live_records_, batch.count());
    live_bytes_ -= std::min<std::uint64_t>(live_bytes_, batch.data().size());
}

}  // namespace godwit::detail
