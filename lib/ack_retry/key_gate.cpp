#include "ack_retry/key_gate.hpp"

#include "base/delivery_notes.hpp"

namespace godwit::detail {

key_gate::key_hash key_gate::hash(std::string_view key) noexcept { return key_hash_of(key); }

void key_gate::enter(offset at, key_hash key) {
    if (!places_.emplace(at, key).second) return;
    const auto [found, is_new] = keys_.try_emplace(key);
    if (is_new) {
        found->second.holder = at;
    } else {
        found->second.waiting.insert(at);
    }
}

bool key_gate::holds(offset at) const {
    const auto found = places_.find(at);
    return found != places_.end() && keys_.at(found->second).holder == at;
}

key_gate::key_hash key_gate::key_of(offset at) const {
    const auto found = places_.find(at);
    return found != places_.end() ? found->second : 0;
}

std::optional<offset> key_gate::leave(offset at) {
    const auto found = places_.find(at);
    if (found == places_.end()) return std::nullopt;
    const auto key = keys_.find(found->second);
    places_.erase(found);
    place& of = key->second;
    if (of.holder != at) {
        of.waiting.erase(at);
        return std::nullopt;
    }
    if (of.waiting.empty()) {
        keys_.erase(key);
        return std::nullopt;
    }
    of.holder = *of.waiting.begin();
    of.waiting.erase(of.waiting.begin());
    return of.holder;
}

}  // namespace godwit::detail
