// subscription_table: which links have subscribed to what, as an XPUB's events tell. A set for each link, so that a peer
// that subscribes twice counts once, and all of a link goes when the link does.
// libzmq tells of a link's end in two places: unsubscriptions without a link in the stream of subscriptions, and the
// descriptor from the monitor, later. A descriptor that subscribes again to what it has, while such an unsubscription is
// open, is a new link with an old number: its coming end must not be mistaken for the old one's.
// Not thread-safe: guarded by the socket's turn.
#pragma once
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/prefix_set.hpp"

namespace godwit::detail {

class GODWIT_EXPORT subscription_table {
public:
    void subscribed(int link, std::string_view prefix);
    void unsubscribed(int link, std::string_view prefix);
    void unsubscribed_by_hang_up(std::string_view prefix);
    void closed(int link);

    std::size_t count(std::string_view topic) const;     // links with a prefix of it

private:
    struct entry {
        prefix_set prefixes;
        std::set<std::string, std::less<>> spelled;
        int ends_to_ignore = 0;
    };
    void renew(int link, entry& reused);
    void drop(int link);                                 // it is listed

    std::map<int, entry> links_;
    std::map<std::string, int, std::less<>> hang_ups_;   // unsubscriptions whose link is not known yet
};

}  // namespace godwit::detail
