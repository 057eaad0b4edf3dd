#include "ack_retry/ledger.hpp"

#include <algorithm>

namespace godwit::detail {

void ledger::settle(offset_range what) {
    for (auto at = specials.lower_bound(what.first); at != specials.end() && at->first <= what.last;) {
        if (at->second.now == special_record::state::dead) --dead;
        at = specials.erase(at);
    }
    if (what.last < floor_) return;
    if (what.first > floor_) {
        settled_.add(what);
        return;
    }
    floor_ = settled_.first_missing(what.last + 1);
    if (!settled_.empty()) settled_.remove({0, floor_ - 1});
    fresh = std::max(fresh, floor_);  // special records went before it
}

offset ledger::decided_below() const noexcept {
    decided_ = std::max(decided_, floor_);
    for (;;) {
        decided_ = settled_.first_missing(decided_);
        const auto found = specials.find(decided_);
        if (found == specials.end() || found->second.now != special_record::state::dead) return decided_;
        ++decided_;
    }
}

offset ledger::tight_floor(std::size_t ranges_max, std::vector<offset_range>& still_live) const {
    offset end = floor_;
    for (auto special = specials.lower_bound(floor_); special != specials.end(); ++special) {
        const offset live = settled_.first_missing(end);
        if (live != special->first || live >= fresh) return std::min(live, fresh);
        if (still_live.empty() || still_live.back().last + 1 != live) {
            if (still_live.size() == ranges_max) return live;
            still_live.push_back({live, live});
        }
        still_live.back().last = live;
        end = live + 1;
    }
    return std::min(settled_.first_missing(end), fresh);
}

}  // namespace godwit::detail
