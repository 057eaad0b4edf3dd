#include "ack_retry/pub_holds.hpp"

#include "base/position_note.hpp"

namespace godwit::detail {

void pub_holds::take_up(const std::vector<note>& notes) {
    for (const note& one : notes) {
        if (one.what != note::kind::position) continue;
        const auto said = decode_position(one.content);
        if (said && !said->is_given_up) positions_[said->name] = said->next;
    }
}

std::optional<offset> pub_holds::find(const std::string& name) const {
    const auto found = positions_.find(name);
    return found != positions_.end() ? std::optional{found->second} : std::nullopt;
}

void pub_holds::moved(const std::string& name, offset next) {
    const auto [position, is_new] = positions_.try_emplace(name, next);
    if (!is_new && position->second == next) return;
    position->second = next;
    changed_.insert(name);
}

std::vector<note> pub_holds::take(wall_time now) {
    std::vector<note> notes;
    for (const std::string& name : changed_)
        notes.push_back(
            {note::kind::position, stream_, encode(position_note{name, positions_[name], now, now + patience})});
    changed_.clear();
    return notes;
}

}  // namespace godwit::detail
