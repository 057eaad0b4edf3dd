#include "godwit/c/request.h"

#include "c/guarded.hpp"
#include "c/messages.hpp"

using namespace godwit::c;

godwit_status godwit_request(godwit_socket socket, const godwit_parts* parts, int64_t timeout_ns, godwit_message* reply,
                             godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        auto& out = found->as<godwit::req>();
        godwit_message& into = needed(reply, "reply");
        message_room room{1};
        auto came = out.request(make_message(parts), timeout_of(timeout_ns));
        if (!came) return came.error();
        into = room.hand_out(*std::move(came));
        return {};
    });
}

godwit_status godwit_request_open(godwit_socket socket, const godwit_parts* parts, const godwit_send_options* options,
                                  godwit_pending* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        auto& from = found->as<godwit::req>();
        godwit_pending& into = needed(out, "out");
        const outgoing_parts what{parts, options};
        auto open = from.send(what.body, what.options);
        if (!open) return open.error();
        into.id = tables().pendings.add(*std::move(open));
        return {};
    });
}

godwit_status godwit_pending_wait(godwit_pending pending, int64_t timeout_ns, godwit_message* reply,
                                  godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().pendings.at(pending.id);
        godwit_message& into = needed(reply, "reply");
        if (found->waited_for.test_and_set(std::memory_order_acquire))
            return godwit::error{godwit::errc::invalid_argument, "pending request",
                                 "another thread waits for its reply"};
        struct leaving {
            std::atomic_flag& flag;
            ~leaving() { flag.clear(std::memory_order_release); }
        } const at_end{found->waited_for};
        message_room room{1};
        auto came = found->what.wait(timeout_of(timeout_ns));
        if (!came) return came.error();
        into = room.hand_out(*std::move(came));
        return {};
    });
}

godwit_status godwit_pending_release(godwit_pending pending, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        tables().pendings.release(pending.id);
        return {};
    });
}
