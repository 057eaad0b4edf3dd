// libzmq tells nobody of links that it ends because their endpoint was taken away. Most are known then, and part; one
// that had just come up is not: its beginning is still to be read from the monitor.
#include <algorithm>

#include "core/link_table.hpp"
#include "core/socket_inode.hpp"

namespace godwit::detail {

std::vector<std::uint64_t> link_table::vanished(clock::time_point since) {
    const std::lock_guard hold{lock_};
    std::vector<serial> gone;
    for (const auto& [descriptor, one] : links_) {
        if (one.since < since) continue;
        const bool closed = one.duplicate ? is_closed(descriptor, one.duplicate) : socket_inode(descriptor) == 0;
        if (closed) gone.push_back(one.number);
    }
    return gone;
}

void link_table::end_vanished(std::span<const std::uint64_t> gone) {
    const std::lock_guard hold{lock_};
    for (auto one = links_.begin(); one != links_.end();) {
        auto& [descriptor, which] = *one;
        if (std::ranges::find(gone, which.number) == gone.end()) {
            ++one;
            continue;
        }
        if (which.now == stage::joined) peers_->left(which.peer_id, "closed by us");
        forget(descriptor, which);
        one = links_.erase(one);
    }
}

}  // namespace godwit::detail
