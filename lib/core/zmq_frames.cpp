#include "core/zmq_frames.hpp"

#include "base/short_list.hpp"
#include "core/zmq_one_frame.hpp"

namespace godwit::detail {

const frame_holder zmq_holder{[](void* storage) noexcept { zmq_msg_close(static_cast<zmq_msg_t*>(storage)); }};

namespace {

static_assert(sizeof(zmq_msg_t) == holder_storage_bytes);

int send_message(void* socket, zmq_msg_t& message, int more) noexcept {
    const int sent = uninterrupted([&] { return zmq_msg_send(&message, socket, ZMQ_DONTWAIT | more); });
    if (sent < 0) zmq_msg_close(&message);
    return sent;
}

// libzmq calls back when it has written or dropped the frame, on its I/O thread.
int send_shared(void* socket, bytes frame, block* shared, int more) {
    zmq_msg_t message;
    add_reference(shared);
    const auto let_go = [](void*, void* hint) { release(static_cast<block*>(hint)); };
    if (zmq_msg_init_data(&message, const_cast<std::byte*>(frame.data()), frame.size(), let_go, shared) != 0) {
        release(shared);
        throw std::bad_alloc{};
    }
    return send_message(socket, message, more);
}

// A message as libzmq delivered it goes on as it is.
bool send_through(void* socket, const outgoing& out, io& outcome) {
    if (out.owner == nullptr || !out.owner_may_move || out.owner_first != 0) return false;
    void* lent = message_access::sole_lent(*out.owner, zmq_holder);
    if (lent == nullptr) return false;
    const int sent = uninterrupted([&] { return zmq_msg_send(static_cast<zmq_msg_t*>(lent), socket, ZMQ_DONTWAIT); });
    outcome = sent < 0 ? failed_send() : io::done;
    if (sent >= 0) message_access::reset_taken(*out.owner);
    return true;
}

struct block_reference {
    block* held = nullptr;
    ~block_reference() {
        if (held != nullptr) release(held);
    }
};

}  // namespace

io send_frames(void* socket, const outgoing& out) {
    io outcome;
    if (out.peer.empty()) {
        if (out.frames.size() == 1 && out.owner == nullptr) return send_copy(socket, out.frames[0]);
        if (send_through(socket, out, outcome)) return outcome;
    }
    // What can fail for want of memory comes before the first frame: half a message would swallow the next one.
    block_reference shared;
    const auto is_shared = [&](std::size_t which) {
        return out.owner != nullptr && which >= out.owner_first && out.frames[which].size() >= share_from_bytes;
    };
    for (std::size_t i = 0; i < out.frames.size() && shared.held == nullptr; ++i) {
        if (is_shared(i)) shared.held = message_access::to_block(*out.owner);
    }
    if (!out.peer.empty() && send_copied(socket, as_bytes(out.peer), ZMQ_SNDMORE) < 0) return failed_send();
    for (std::size_t i = 0; i < out.frames.size(); ++i) {
        const bytes frame = out.frames[i];
        const int more = i + 1 < out.frames.size() ? ZMQ_SNDMORE : 0;
        // Only the first frame can be refused: libzmq has chosen the peer then.
        if ((is_shared(i) ? send_shared(socket, frame, shared.held, more) : send_copied(socket, frame, more)) < 0) {
            return failed_send();
        }
    }
    return io::done;
}

namespace {

bytes content_of(zmq_msg_t& frame) noexcept {
    return {static_cast<const std::byte*>(zmq_msg_data(&frame)), zmq_msg_size(&frame)};
}

constexpr std::size_t usual_frames = 4;

// Frames of a message under way into a block: closed unless it took them over.
struct received_frames {
    short_list<zmq_msg_t, usual_frames> list;
    bool kept_taken = false;

    static bool is_kept(zmq_msg_t& frame) noexcept { return zmq_msg_size(&frame) >= keep_from_bytes; }
    ~received_frames() {
        for (zmq_msg_t& frame : list) {
            if (!kept_taken || !is_kept(frame)) zmq_msg_close(&frame);
        }
    }
};

message gather(received_frames& frames) {
    short_list<block_frame, usual_frames> parts;
    for (zmq_msg_t& frame : frames.list) {
        const bool keep = received_frames::is_kept(frame);
        parts.push_back({content_of(frame), keep ? &zmq_holder : nullptr, keep ? &frame : nullptr});
    }
    block* const joined = make_block(parts.view());
    frames.kept_taken = true;
    return message_access::from_block(joined);
}

}  // namespace

// The rest of a message is there when its first frame is: libzmq delivers it whole.
received receive_rest(void* socket, message& content, const zmq_msg_t& first) {
    received_frames frames;
    frames.list.push_back(first);
    bool more = true;
    bool fits = true;
    while (more) {
        zmq_msg_t next;
        if (receive_frame(socket, next) < 0) break;
        more = zmq_msg_more(&next) != 0;
        fits = fits && frames.list.size() < received_frames_max;
        fits ? frames.list.push_back(next) : void(zmq_msg_close(&next));
    }
    if (!fits) return received::refused;
    content = gather(frames);
    return received::message;
}

std::string user_id_of(zmq_msg_t& frame) {
    // zmq_msg_gets(3): the name is understood by every libzmq since 4.1, but in its header only among the drafts.
    const char* const text = zmq_msg_gets(&frame, "User-Id");
    return text != nullptr ? text : "";
}

void sender_stamp::take(zmq_msg_t& frame) {
    user_id = user_id_of(frame);
    descriptor = zmq_msg_get(&frame, ZMQ_SRCFD);
}

namespace {

received receive_behind(void* socket, message& content, const zmq_msg_t& first) {
    if (zmq_msg_more(&first) != 0) return receive_rest(socket, content, first);
    auto* const frame = static_cast<zmq_msg_t*>(message_access::lent_storage(content));
    std::memcpy(frame, &first, sizeof first);
    hold_only_frame(content, frame, zmq_msg_size(frame));
    return received::message;
}

}  // namespace

// A routing id is not stamped: libzmq 4.3.4 forgets it where it has looked for messages before it is asked for one.
received receive_stamped(void* socket, message& content, std::string* peer, sender_stamp& whose) {
    zmq_msg_t first;
    if (receive_frame(socket, first) < 0) return received::nothing;
    if (peer != nullptr) {
        const bytes name = content_of(first);
        peer->assign(reinterpret_cast<const char*>(name.data()), name.size());
        zmq_msg_close(&first);
        if (receive_frame(socket, first) < 0) return received::nothing;
    }
    whose.take(first);
    return receive_behind(socket, content, first);
}

received receive_from(void* socket, message& content, std::string& peer, int* announced) {
    zmq_msg_t id;
    if (receive_frame(socket, id) < 0) return received::nothing;
    const bytes name = content_of(id);
    peer.assign(reinterpret_cast<const char*>(name.data()), name.size());
    zmq_msg_close(&id);
    if (announced == nullptr || !is_announced(peer)) [[likely]]
        return receive_message(socket, content);
    if (receive_frame(socket, id) < 0) return received::nothing;
    *announced = zmq_msg_get(&id, ZMQ_SRCFD);
    return receive_behind(socket, content, id);
}

}  // namespace godwit::detail
