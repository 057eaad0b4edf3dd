// inproc_outlets: where a socket sends to over inproc: one ring a pipe, and one a connect that waits for its binder.
// Threads: called with the socket's turn held.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/frames.hpp"
#include "base/prefix_set.hpp"
#include "core/carrier.hpp"
#include "core/inproc_pipe.hpp"

namespace godwit::detail {

class GODWIT_EXPORT inproc_outlets {
public:
    explicit inproc_outlets(fence_kind fence = fence_kind::one_sided) noexcept : fence_{fence} {}
    // A connect's own ring, which stays until remove_queue(); `usable_alone`: also while there is no pipe.
    void add_queue(std::shared_ptr<ring> queue, bool usable_alone);
    void remove_queue(const ring& queue);
    // A pipe comes and goes; with its own ring, or on a connect's.
    void join(const std::shared_ptr<inproc_pipe>& pipe, side own);
    void part(const inproc_pipe& pipe, side own, bool usable_alone);
    void clear();

    io send_in_turn(const outgoing& out);  // to the next that has room
    io send_to(std::string_view peer, const outgoing& out);
    std::size_t send_to_subscribers(const outgoing& out);  // how many missed it because their ring was full

    bool any_room();                      // if not, the bell will ring when there is
    std::size_t unsent() const noexcept;  // messages that no peer has in hand

    void take_writable(std::vector<std::string>& into);  // see carrier
    bool any_writable();                                 // of those that take_writable would give

    void change(const inproc_pipe& pipe, const subscription_changes& changes);
    std::size_t subscribers(std::string_view topic) const;

    std::shared_ptr<inproc_pipe> pipe_of(std::string_view peer) const;  // null: there is none

    static std::string name_of(std::uint64_t peer_id);
    static std::uint64_t id_of(std::string_view name) noexcept;  // 0: nobody's

private:
    struct outlet {
        std::shared_ptr<ring> queue;
        std::shared_ptr<inproc_pipe> pipe;  // null: a connect that waits
        doorbell* bell;                     // the reader's
        bool lasting;                       // a connect's own
        bool usable;
        std::uint64_t id;        // see peer_id; 0 while there is no pipe
        bool refused = false;    // send_to would have blocked, and this was not told to be over
        prefix_set topics = {};  // pub
    };

    bool has_room(outlet& to) { return to.usable && to.queue->has_room(); }
    bool wish_for_room() noexcept;
    bool find_room();
    static void hand_over(outlet& to, block* message) noexcept;
    void erase(std::size_t index);
    std::size_t index_of(std::uint64_t id) const noexcept;

    const fence_kind fence_;
    std::vector<outlet> outlets_;
    std::size_t at_ = 0;                                    // whose turn it is
    std::unordered_map<std::uint64_t, std::size_t> by_id_;  // see peer_id
};

}  // namespace godwit::detail
