// request_desk: the outstanding requests of one req, and giving each its reply by the id in the envelope.
// open_request: one of them. Guarded by the socket's turn.
#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "core/plain_socket.hpp"
#include "godwit/req.hpp"

namespace godwit::detail {

struct open_request {
    std::shared_ptr<plain_socket> socket;
    std::uint64_t id = 0;
    // Guarded by the socket's turn:
    message reply;
    status failed;  // of a reliable socket: instead of the reply
    bool arrived = false;
    bool ended = false;     // its reply was taken, or it was given up
    waiter* who = nullptr;  // waits for it
};

class request_desk {
public:
    request_desk();

    std::uint64_t next_id() noexcept { return ++last_id_; }
    std::size_t open() const noexcept { return open_.size(); }
    void opened(const std::shared_ptr<open_request>& request) { open_.emplace(request->id, request.get()); }
    void ended(open_request& request) {
        request.arrived ? void(--untaken_) : void(open_.erase(request.id));
        request.ended = true;
    }
    bool any_untaken() const noexcept { return untaken_ != 0; }  // replies that have come to requests that are open

    // Takes what has come, each reply to its request, until `own` has its reply or there is no more. With the turn held.
    void sort_replies(plain_socket& desk_of, const open_request* own);

private:
    open_request* deliver(plain_socket& desk_of, message&& reply);  // whose it was; null: nobody's

    const std::uint64_t first_id_;
    std::uint64_t last_id_;
    std::size_t untaken_ = 0;
    std::unordered_map<std::uint64_t, open_request*> open_;
};

}  // namespace godwit::detail
