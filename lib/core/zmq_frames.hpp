// zmq_frames: our messages as libzmq's and back, without a copy above the sizes named here. The only place that knows
// both memory layouts.
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
GODWIT_EXPORT io send_copy(void* socket, bytes only_frame);  // the shortest way
GODWIT_EXPORT received receive_message(void* socket, message& content);
// A ROUTER's: the first frame names the peer.
GODWIT_EXPORT received receive_from(void* socket, message& content, std::string& peer);

}  // namespace godwit::detail
