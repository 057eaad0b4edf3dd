#include "base/producer_memory.hpp"

#include <algorithm>
#include <string>

namespace godwit::detail {

result<bool> producer_memory::meet(const sender_greeting& said) {
    const std::string stream = "stream " + to_string(said.stream);
    if (said.epoch < epoch) return error{errc::fenced, stream, "a later opening of its log was here before"};
    if (said.epoch == epoch && said.epoch != 0 && said.nonce != nonce)
        return error{errc::conflict, stream, "its log was copied, or set back, and opened twice"};
    if (said.epoch > epoch && end_ > said.epoch_first)
        return error{errc::conflict, stream + " at " + std::to_string(said.epoch_first),
                     "its log was set back: records below " + std::to_string(end_) + " were here before"};
    const bool is_other = said.epoch != epoch || said.nonce != nonce;
    epoch = said.epoch;
    nonce = said.nonce;
    settled_below(said.floor, said.live_below);
    return is_other;
}

void producer_memory::settled_below(offset floor, std::span<const offset_range> live) {
    if (floor == 0) return;
    if (live.empty() && floor <= floor_ && live_.empty()) return;
    if (floor > floor_) {
        live_.add({floor_, floor - 1});
        floor_ = floor;
        end_ = std::max(end_, floor);
    }
    range_set named;
    for (const offset_range& one : live) named.add(one);
    named.for_each_missing_in({0, floor - 1}, [&](offset_range settled) {
        live_.remove(settled);
        if (!done_.empty()) done_.remove(settled);
    });
}

producer_memory::answer producer_memory::look(offset at) const noexcept {
    if (at < floor_ && !live_.contains(at)) return answer::settled;
    if (at >= end_) return answer::fresh;
    if (done_.contains(at)) return answer::done;
    return in_hand_.contains(at) ? answer::in_hand : answer::fresh;
}

void producer_memory::take(offset_range what) {
    in_hand_.add(what);
    end_ = std::max(end_, what.last + 1);
}

bool producer_memory::mark(offset_range what) {
    in_hand_.remove(what);
    std::uint64_t fresh = 0;
    const auto add = [&](offset_range part) { fresh += done_.add(part); };
    if (what.last >= floor_) add({std::max(what.first, floor_), what.last});
    if (what.first < floor_) live_.for_each_in({what.first, std::min(what.last, floor_ - 1)}, add);
    end_ = std::max(end_, what.last + 1);
    return fresh != 0;
}

}  // namespace godwit::detail
