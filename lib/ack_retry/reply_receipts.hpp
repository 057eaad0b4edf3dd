// reply_receipts: what a requester tells its servers: which replies have come, so that they are let go of there, and how far
// it knows what is handed out (hand_out.hpp). Pure; threads: a value.
#pragma once
#include <unordered_map>

#include "ack_retry/link_session.hpp"

namespace godwit::detail {

class reply_receipts {
public:
    static constexpr std::uint64_t unsaid_max = 16;  // replies

    struct one {
        std::uint64_t received = 0, handed = 1;
        std::uint64_t received_said = 0, handed_said = 1;
        link_number first_session = 0;  // of the same incarnation

        bool has_news() const noexcept { return received != received_said || handed != handed_said; }
    };

    one& joined(link_number link, link_number resumed) {
        one made;
        const auto before = links_.find(resumed);
        made.first_session = before == links_.end() ? link : before->second.first_session;
        if (before != links_.end()) links_.erase(before);
        return links_[link] = made;
    }
    void gone(link_number link) { links_.erase(link); }
    one* find(link_number link) noexcept {
        const auto found = links_.find(link);
        return found == links_.end() ? nullptr : &found->second;
    }
    // Only what leaves in its turn: an agreement must not overtake a cancel. `send`(link, frame): whether it was taken.
    template <class F>
    bool say(link_number link, F&& send) {
        one* const to = find(link);
        if (to == nullptr || !to->has_news()) return true;
        ack_frame frame;
        frame.received = to->received;
        frame.handed = to->handed;
        if (!send(link, link_content{frame})) return false;
        to->received_said = to->received;
        to->handed_said = to->handed;
        return true;
    }
    template <class F>
    bool say_all(F&& send) {
        bool all = true;
        for (auto& [link, to] : links_) all &= say(link, send);
        return all;
    }

private:
    std::unordered_map<link_number, one> links_;
};

}  // namespace godwit::detail
