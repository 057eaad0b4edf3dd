// zmq_one_frame: a message of one frame to and from libzmq, the shortest way: what a flood is made of, in one piece for
// the compiler. Everything else: zmq_frames.hpp. Own zmq_msg_t's are relocatable, as frame_holder wants its storage.
#pragma once
#include <zmq.h>

#include <cstring>
#include <new>

#include "base/block.hpp"
#include "core/zmq_again.hpp"
#include "core/zmq_frames.hpp"

namespace godwit::detail {

extern GODWIT_EXPORT const frame_holder zmq_holder;

inline int send_copied(void* socket, bytes frame, int more) {
    zmq_msg_t message;
    if (zmq_msg_init_size(&message, frame.size()) != 0) [[unlikely]]
        throw std::bad_alloc{};
    if (!frame.empty()) std::memcpy(zmq_msg_data(&message), frame.data(), frame.size());
    const int sent = uninterrupted([&] { return zmq_msg_send(&message, socket, ZMQ_DONTWAIT | more); });
    if (sent < 0) [[unlikely]]
        zmq_msg_close(&message);
    return sent;
}

inline io failed_send() noexcept { return zmq_errno() == EHOSTUNREACH ? io::unreachable : io::would_block; }

inline io send_copy(void* socket, bytes only_frame) {
    return send_copied(socket, only_frame, 0) < 0 ? failed_send() : io::done;
}

// The frame's size, or -1.
inline int receive_frame(void* socket, zmq_msg_t& frame) noexcept {
    zmq_msg_init(&frame);
    return uninterrupted([&] { return zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT); });
}

// A small frame's bytes lie inside the zmq_msg_t itself and move with it: such a one is copied.
inline void hold_only_frame(message& content, zmq_msg_t* frame, std::size_t size) noexcept {
    const auto* const data = static_cast<const std::byte*>(zmq_msg_data(frame));
    const auto* const inside = reinterpret_cast<const std::byte*>(frame);
    if (data < inside || data >= inside + sizeof *frame)
        return message_access::set_lent(content, zmq_holder, {data, size});
    zmq_msg_t small;
    std::memcpy(&small, frame, sizeof small);
    message_access::set_inline(content, {reinterpret_cast<const std::byte*>(&small) + (data - inside), size});
    zmq_msg_close(&small);  // it holds a reference to its link's metadata
}

inline received receive_message(void* socket, message& content) {
    auto* const frame = static_cast<zmq_msg_t*>(message_access::lent_storage(content));
    const int size = receive_frame(socket, *frame);
    if (size < 0) return received::nothing;
    if (zmq_msg_more(frame) != 0) [[unlikely]]
        return receive_rest(socket, content, *frame);
    hold_only_frame(content, frame, static_cast<std::size_t>(size));
    return received::message;
}

}  // namespace godwit::detail
