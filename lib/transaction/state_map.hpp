// state_map: the state as it is being changed: a balanced tree (AVL) of nodes that are never changed, so that any moment of it
// is kept by keeping its root. A change makes the nodes anew on the way to its key. Threads: a value; views are immutable.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "godwit/state_view.hpp"

namespace godwit::detail {

class GODWIT_EXPORT state_map {
public:
    state_map() noexcept = default;
    // Of keys that rise.
    static state_map of_sorted(std::vector<std::pair<std::string, std::string>>&& all);

    // Each has all of its effect or, when it throws std::bad_alloc, none.
    void put(std::string_view key, std::string_view value);
    bool erase(std::string_view key);  // false: it was not there

    const state_view& view() const noexcept { return now_; }

private:
    state_view now_;
};

}  // namespace godwit::detail
