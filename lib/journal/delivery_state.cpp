#include "journal/delivery_state.hpp"

namespace godwit::detail {

status delivery_state::apply(note::kind what, std::string_view content, const range_set& released) {
    if (what == note::kind::attempt) {
        const auto said = decode_attempt(content);
        if (!said) return said.error();
        released.for_each_missing_in(said->what, [&](offset_range live) {
            for (offset at = live.first; at <= live.last; ++at) attempts_[at] = said->state;
        });
        return {};
    }
    if (what == note::kind::position) {
        auto place = decode_position(content);
        if (!place) return place.error();
        const std::string name = place->name;
        positions_.erase(name);
        if (!place->is_given_up) positions_.emplace(name, std::move(*place));
        return {};
    }
    auto said = decode_dead_letter(content);
    if (!said) return said.error();
    attempts_.erase(said->at);
    dead_letters_.erase(said->at);
    if (!said->state.is_taken_out && !released.contains(said->at)) dead_letters_[said->at] = std::move(said->state);
    return {};
}

void delivery_state::forget(offset_range released) {
    attempts_.erase(attempts_.lower_bound(released.first), attempts_.upper_bound(released.last));
    dead_letters_.erase(dead_letters_.lower_bound(released.first), dead_letters_.upper_bound(released.last));
}

void delivery_state::append_to(std::vector<note>& notes, stream_id stream) const {
    for (auto one = attempts_.begin(); one != attempts_.end();) {
        attempt_note made{{one->first, one->first}, one->second};
        for (++one; one != attempts_.end() && one->first == made.what.last + 1 && one->second == made.state &&
                    made.what.count() < attempt_note::records_max;
             ++one) {
            made.what.last = one->first;
        }
        notes.push_back({note::kind::attempt, stream, encode(made)});
    }
    for (const auto& [at, state] : dead_letters_)
        notes.push_back({note::kind::dead_letter, stream, encode(dead_letter_note{at, state})});
    for (const auto& [name, place] : positions_) notes.push_back({note::kind::position, stream, encode(place)});
}

offset delivery_state::held_from(wall_time now) const noexcept {
    offset lowest = offset_max;
    for (const auto& [name, place] : positions_) {
        if (place.until > now) lowest = std::min(lowest, place.next);
    }
    return lowest;
}

}  // namespace godwit::detail
