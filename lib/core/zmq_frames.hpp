// zmq_frames: our messages as libzmq's and back, without a copy above the sizes named here. The short way of a single
// frame is in zmq_one_frame.hpp; together they are the only places that know both memory layouts.
#pragma once
#include <zmq.h>

#include "base/frames.hpp"
#include "core/carrier.hpp"

namespace godwit::detail {

inline constexpr std::size_t share_from_bytes = 8192;  // smaller frames are copied: cheaper than sharing
inline constexpr std::size_t keep_from_bytes = 1024;   // of several received frames, smaller ones are copied together

inline constexpr std::size_t received_frames_max = 1024;  // of a received message; one with more is no message of ours

enum class received : std::uint8_t { message, nothing, refused };  // refused: had too many frames, is gone

std::string user_id_of(zmq_msg_t& frame);  // what the handshake called the frame's peer; "": whom we dialled

// Whose a received message is: what the handshake called its peer, and the descriptor of its link.
struct sender_stamp {
    std::string user_id;  // empty: whom we dialled
    int descriptor = -1;

    void take(zmq_msg_t& frame);
};

// All with ZMQ_DONTWAIT. Sending, ETERM counts as would_block: the socket is being closed.
GODWIT_EXPORT io send_frames(void* socket, const outgoing& out);
// What follows a first frame that says so.
GODWIT_EXPORT received receive_rest(void* socket, message& content, const zmq_msg_t& first);
// A routing id that the peer chose itself: libzmq's own begin with a zero byte.
inline bool is_announced(std::string_view routing_id) noexcept {
    return !routing_id.empty() && routing_id.front() != '\0';
}
// A ROUTER's: the first frame names the peer. `announced`, if given, is set to the link's descriptor where the peer has
// chosen that name itself.
GODWIT_EXPORT received receive_from(void* socket, message& content, std::string& peer, int* announced = nullptr);
// The same two ways (peer: a ROUTER's, else null), and whose it is.
received receive_stamped(void* socket, message& content, std::string* peer, sender_stamp& whose);

}  // namespace godwit::detail
