#include "core/request_desk.hpp"

#include <cstring>
#include <random>

#include "base/block.hpp"

namespace godwit::detail {

namespace {

constexpr int replies_a_turn = 256;
constexpr std::size_t envelope_frames = 2;  // [id][empty], as we sent it

std::uint64_t random_start() {
    std::random_device source;
    // A restart must not take replies for its predecessor; half the space is left to count up in.
    return ((std::uint64_t{source()} << 32) | source()) >> 1;
}

}  // namespace

request_desk::request_desk() : first_id_{random_start()}, last_id_{first_id_} {}

void request_desk::sort_replies(plain_socket& desk_of, const open_request* own) {
    for (int count = 0; own == nullptr || !own->arrived; ++count) {
        if (count == replies_a_turn) return desk_of.ring_again();
        message reply;
        incoming in{reply, nullptr};
        if (desk_of.take(in) != io::done) return;
        desk_of.count_received(reply);
        open_request* const whose = deliver(desk_of, std::move(reply));
        if (whose != nullptr && whose != own && whose->who != nullptr) desk_of.call(*whose->who);
    }
}

open_request* request_desk::deliver(plain_socket& desk_of, message&& reply) {
    std::uint64_t id = 0;
    if (reply.frame_count() <= envelope_frames || reply.frame(0).size() != sizeof id || !reply.frame(1).empty()) {
        return desk_of.count_stray(), nullptr;
    }
    std::memcpy(&id, reply.frame(0).data(), sizeof id);
    const auto found = open_.find(id);
    if (found == open_.end()) {
        id > first_id_&& id <= last_id_ ? desk_of.count_late_reply() : desk_of.count_stray();
        return nullptr;
    }
    open_request* const request = found->second;
    open_.erase(found);
    request->reply = message_access::hide_frames(std::move(reply), envelope_frames);
    request->arrived = true;
    ++untaken_;
    return request;
}

}  // namespace godwit::detail
