#include "ack_retry/reply_outbox.hpp"

#include <utility>

namespace godwit::detail {

void reply_outbox::add(offset at, std::uint32_t attempt, const record_parts& what, wall_time now) {
    // A batch's offsets rise; replies come as handlers end.
    if (!open_.empty() && (at <= open_last_ || !open_.add(at, what, seal_bytes))) seal(now);
    if (open_.empty()) {
        open_.add(at, what, seal_bytes);
    }
    open_last_ = at;
    attempted_range* const last = open_what_.empty() ? nullptr : &open_what_.back();
    if (last != nullptr && last->attempt == attempt && last->what.last + 1 == at) {
        last->what.last = at;
    } else {
        open_what_.push_back({stream_, {at, at}, attempt});
    }
}

void reply_outbox::seal(wall_time now) {
    if (open_.empty()) return;
    kept_.push_back({open_.seal(now), std::exchange(open_what_, {})});
    bytes_ += kept_.back().batch.view.data().size();
}

void reply_outbox::received(std::uint64_t number) noexcept {
    while (confirmed_ < number && next_ != 0) {
        const kept_batch& first = kept_.front();
        bytes_ -= first.batch.view.data().size();
        if (!carried_.empty()) {
            for (const attempted_range& one : first.what) carried_.remove(one.what);
        }
        kept_.pop_front();
        --next_;
        ++confirmed_;
    }
}

void reply_outbox::begin_again(wall_time now) {
    seal(now);
    next_ = 0;
    confirmed_ = 0;
    carried_.clear();
    for (const kept_batch& one : kept_) {
        for (const attempted_range& range : one.what) carried_.add(range.what);
    }
}

void reply_outbox::list(std::vector<attempted_range>& into) const {
    const auto add = [&](const std::vector<attempted_range>& what) {
        for (const attempted_range& one : what) {
            if (into.size() < link_ranges_max) into.push_back(one);
        }
    };
    for (const kept_batch& one : kept_) add(one.what);
    add(open_what_);
}

}  // namespace godwit::detail
