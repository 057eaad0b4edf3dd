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

// All with ZMQ_DONTWAIT. Sending, ETERM counts as would_block: the socket is being closed.
GODWIT_EXPORT io send_frames(void* socket, const outgoing& out);
// What follows a first frame that says so.
GODWIT_EXPORT received receive_rest(void* socket, message& content, const zmq_msg_t& first);
// A ROUTER's: the first frame names the peer.
GODWIT_EXPORT received receive_from(void* socket, message& content, std::string& peer);

}  // namespace godwit::detail
