// subscription_table: which links have subscribed to what, as an XPUB's events tell. A set for each link, so that a peer
// that subscribes twice counts once, and all of a link goes when the link does.
// libzmq tells of a link's end in two places: an unsubscription without a link for each of its prefixes in the stream of
// subscriptions (hang-ups), and the descriptor from the monitor, later or a moment earlier. In between the number may
// belong to a new link already: what it subscribed to after the hang-ups stays when the old one's end is told.
// Needs the monitor's ends to come after all that their links said, but for the hang-ups. One that never subscribed and
// whose descriptor is used again before the monitor tells takes the new one's subscriptions with it.
// Not thread-safe: guarded by the socket's turn.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/prefix_set.hpp"

namespace godwit::detail {

class GODWIT_EXPORT subscription_table {
public:
    // `who` differs for each link, or is empty if that is not known. Not taken: told of, and never counted.
    void subscribed(int link, std::string_view prefix, bool taken = true, std::string_view who = {});
    std::string_view who(int link) const;  // subscribed by that number last
    void unsubscribed(int link, std::string_view prefix);
    void unsubscribed_by_hang_up(std::string_view prefix);
    void closed(int link);

    std::size_t count(std::string_view topic) const;  // links with a prefix of it
    struct load {
        std::size_t prefixes, size_bytes;  // prefixes: repeats count, too; bytes: of different ones, all together
    };
    load load_of(int link) const;
    load load_of_number(int link) const;  // with what pass_over_ended has passed over
    // What was listed before the last hang-up that a prefix of that number explains counts no more for load_of, until a
    // link's end is told: it may be another's hang-up.
    void pass_over_ended(int link);
    bool lists(int link, std::string_view prefix) const;

private:
    using position = std::uint64_t;  // in the stream of subscriptions
    struct entry {
        prefix_set prefixes;
        std::size_t size_bytes = 0;     // of all in `spelled`
        std::string who;                // subscribed last
        std::size_t repeats = 0;        // of what it had; no libzmq peer does that
        std::vector<position> changes;  // where another one followed, and the end of the one before is not told
        load passed_over{0, 0};
        std::uint64_t passed_over_at = 0;  // of ends_
        // When each was subscribed to; more than once if the number was used again since.
        std::map<std::string, std::vector<position>, std::less<>> spelled;
    };
    struct tally {
        std::size_t listed = 0;         // of this prefix, among all links
        std::deque<position> hang_ups;  // whose link is not known yet
        std::size_t owed = 0;           // still to come from links that the monitor ended first
    };
    void forget_idle(std::string_view prefix);
    position end_of(const entry& own) const;

    std::map<int, entry> links_;
    std::map<std::string, tally, std::less<>> tallies_;
    position now_ = 0;
    std::uint64_t ends_ = 0;  // told of
};

}  // namespace godwit::detail
