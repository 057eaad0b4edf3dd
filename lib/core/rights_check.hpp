// rights_check: whether what a peer sends to one socket is its right, and what is reported if not. The last sender is
// remembered, so that a flood of one costs a comparison a message.
// Not thread-safe: guarded by the socket's turn.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/gate.hpp"
#include "core/seldom.hpp"
#include "godwit/message.hpp"

namespace godwit::detail {

class GODWIT_EXPORT rights_check {
public:
    explicit rights_check(std::shared_ptr<gate> at) : gate_{std::move(at)} {}

    // The peer as its handshake named it, "" for one that we dialled, and its link. Refusals are reported, a key's
    // seldom if they are many, and counted.
    bool may_send(std::string_view user_id, int link, const message& whole);
    enum class subscription : std::uint8_t { taken, refused, gone };  // gone: the link is closed
    subscription may_subscribe(std::string_view user_id, int link, std::string_view prefix);
    bool is_here(std::string_view user_id, int link);

private:
    void look_up(std::string_view user_id, int link);
    void report(event_kind kind, int link, std::string_view what);

    const std::shared_ptr<gate> gate_;
    std::string last_;
    std::uint64_t generation_ = 0;
    admission who_;
    access_list::state::shared_rights may_;  // null: none any more
    struct refusals {
        seldom messages, subscriptions;
    };
    std::map<public_key, refusals> refused_;
};

}  // namespace godwit::detail
