// lanes: ten priorities, 9 first; strict, but one pick of sixteen goes to the lowest lane that has something, so that none
// starves. Inside a lane the lowest offset first. Records without a priority of their own are not in it: they are the plain
// stream, which takes lane 4's turn when no record of lane 4 is due. Pure. Threads: a value.
#pragma once
#include <array>
#include <cstdint>
#include <set>

#include "base/record.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT lanes {
public:
    static constexpr unsigned starving_every = 16;
    static constexpr int none = -1;
    static constexpr int plain = priority_max + 1;

    void add(std::uint8_t lane, offset at) { lanes_[lane].insert(at); }
    void remove(std::uint8_t lane, offset at) { lanes_[lane].erase(at); }
    bool empty() const noexcept;
    const std::set<offset>& at(int lane) const noexcept { return lanes_[static_cast<std::size_t>(lane)]; }

    // Whose turn it is among the records below `visible`: a lane, plain, or none. The turn is over with picked().
    int pick(bool has_plain, offset visible) const noexcept;
    void picked() noexcept { ++picks_; }

private:
    std::array<std::set<offset>, priority_max + 1> lanes_;
    std::uint64_t picks_ = 0;
};

}  // namespace godwit::detail
