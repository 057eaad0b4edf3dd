#include "journal/carried_ahead.hpp"

#include <algorithm>
#include <tuple>

#include "journal/segment_reading.hpp"
#include "journal/segment_writer.hpp"

namespace godwit::detail {

void carried_ahead::all_passed() {
    for (const auto& [id, state] : sight_->state().streams()) passed(id, state.next);
}

offset carried_ahead::passed(stream_id stream) const {
    const auto had = passed_.find(stream);
    return had != passed_.end() ? had->second : 0;
}

bool carried_ahead::is_ahead(const copy& one) const { return one.place.last >= passed(one.stream); }

void carried_ahead::look() {
    seen_ = sight_->looks();
    ahead_.clear();
    for (const auto& [id, state] : sight_->state().streams()) {
        if (what_.stream && id != *what_.stream) continue;
        state.carried.for_each_in({what_.from, offset_max}, [&, stream = id](const carried_place& place) {
            const copy one{stream, place};
            if (place.when >= what_.not_before && is_ahead(one)) ahead_.push_back(one);
        });
    }
    std::ranges::sort(ahead_, {}, [](const copy& one) {
        return std::tuple{one.place.when, one.stream, one.place.first};
    });
}

bool carried_ahead::is_before(const copy& one, const decoded_entry& next) const {
    if (one.place.when != next.head.when) return one.place.when < next.head.when;
    const auto its = std::ranges::find(next.batches, one.stream, &batch_view::stream);
    return its != next.batches.end() && its->first() > one.place.last;
}

std::optional<carried_ahead::copy> carried_ahead::next_before(const decoded_entry* next) {
    if (seen_ != sight_->looks()) look();
    while (!ahead_.empty() && !is_ahead(ahead_.front())) ahead_.pop_front();
    for (const copy& one : ahead_) {
        if (next != nullptr && one.place.when > next->head.when) break;
        if (is_ahead(one) && (next == nullptr || is_before(one, *next))) return one;
    }
    return std::nullopt;
}

result<batch_ref> carried_ahead::read(const copy& one) {
    const carried_place& place = one.place;
    const auto found =
        read_segment(sight_->where(), {place.segment, place.position}, one.stream, place.first, std::size_t{1});
    if (!found.wanted.empty() && found.wanted.front().batch.view.first() == place.first)
        return found.wanted.front().batch;
    if (found.why.failed(errc::io) || found.why.failed(errc::unsupported)) return found.why.error();
    // The writer may have carried it on, or let go of it.
    const auto looks = sight_->looks();
    if (auto seen = sight_->refresh(); !seen) return seen.error();
    const stream_state* const now = sight_->state().find(one.stream);
    const carried_place* const stands = now != nullptr ? now->carried.find(place.first) : nullptr;
    const bool is_there = stands != nullptr && stands->segment == place.segment && stands->position == place.position;
    if (!is_there && looks != sight_->looks()) return batch_ref{};
    return damage_of(sight_->where(), segment_name(place.segment),
                     "the carried record " + std::to_string(place.first) + " at byte " +
                         std::to_string(place.position) + " is damaged",
                     "what is behind it can be read if you say so");
}

}  // namespace godwit::detail
