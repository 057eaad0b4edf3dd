// pub_holds: the positions of a publisher's named subscribers, as a log that outlives the process keeps them, and what it is
// to be told of them. Pure data; threads: inside a turn.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/entry.hpp"
#include "base/ports.hpp"

namespace godwit::detail {

class GODWIT_EXPORT pub_holds {
public:
    static constexpr std::size_t holds_max = 65'536;
    static constexpr auto patience = std::chrono::days{7};  // that a subscriber may be away
    static constexpr auto telling_every = std::chrono::milliseconds{50};

    explicit pub_holds(stream_id stream) noexcept : stream_{stream} {}

    void take_up(const std::vector<note>& notes);
    std::optional<offset> find(const std::string& name) const;
    bool has_room(const std::string& name) const { return positions_.size() < holds_max || positions_.contains(name); }
    void moved(const std::string& name, offset next);
    // What the log has not been told.
    std::vector<note> take(wall_time now);
    bool changed() const noexcept { return !changed_.empty(); }

private:
    const stream_id stream_;
    std::map<std::string, offset> positions_;
    std::set<std::string> changed_;
};

}  // namespace godwit::detail
