// key_gate: with ordered_by_key, one record of a key at a time may go, and those behind it wait in their order; also while
// the first is being retried. Without that mode keys play no part in who gets what.
// Keys are known by a hash: two that share one wait for each other needlessly. Pure. Threads: a value.
// Its size is bounded by the links' credit, and by its owner, who lets no more than waiting_max wait.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include "godwit/export.hpp"
#include "godwit/stream.hpp"

namespace godwit::detail {

class GODWIT_EXPORT key_gate {
public:
    using key_hash = std::uint64_t;
    static constexpr std::size_t waiting_max = 65'536;

    static key_hash hash(std::string_view key) noexcept;  // the same in every process, and never 0
    bool open_for(key_hash key) const { return !keys_.contains(key); }
    std::size_t waiting() const noexcept { return places_.size() - keys_.size(); }

    void enter(offset at, key_hash key);  // it holds its key from now on, or waits behind who does
    bool holds(offset at) const;
    key_hash key_of(offset at) const;  // 0: it has none here
    // It is settled or dead. Returns who holds its key now, if that has changed hands to one that waited.
    std::optional<offset> leave(offset at);
    // Calls each(offset) for those of a range that hold a key or wait for one; they may leave in it.
    template <class F>
    void for_each_in(offset_range range, F&& each) {
        for (auto at = places_.lower_bound(range.first); at != places_.end() && at->first <= range.last;) {
            const offset one = at->first;
            ++at;
            each(one);
        }
    }

private:
    struct place {
        offset holder = 0;
        std::set<offset> waiting;
    };
    std::unordered_map<key_hash, place> keys_;
    std::map<offset, key_hash> places_;
};

}  // namespace godwit::detail
