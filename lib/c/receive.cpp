#include "godwit/c/receive.h"

#include <array>

#include "c/deliveries.hpp"
#include "c/guarded.hpp"
#include "c/messages.hpp"
#include "c/user_data.hpp"

namespace godwit::c {

namespace {

result<std::size_t> receive(any_socket& from, std::span<delivery> out, timeout limit, const std::stop_token& stop) {
    if (auto* const in = std::get_if<sub>(&from.it)) return in->recv_many(out, limit, stop);
    return from.as<pull>().recv_many(out, limit, stop);
}

result<delivery> receive(any_socket& from, timeout limit) {
    if (auto* const in = std::get_if<sub>(&from.it)) return in->recv(limit);
    return from.as<pull>().recv(limit);
}

constexpr godwit_consume_options no_consume_options = GODWIT_CONSUME_OPTIONS_INIT;

consume_options read_consume_options(const godwit_consume_options* given) {
    const godwit_consume_options from = read_struct(given, no_consume_options);
    consume_options made;
    made.concurrency = from.concurrency;
    made.stop = token_of(from.stop);
    if (from.pass_gaps != 0) made.on_gap = [](const error&) {};
    return made;
}

struct not_handled : std::exception {};  // the consumer nacks then

// The delivery has a handle while the caller's function runs. It stays the consumer's, who sees by it what is in hand.
void handle(godwit_handler theirs, user_data& data, std::uint64_t socket, delivery& whole) {
    delivery_room room{1};
    const godwit_delivery handle = room.hand_out(whole, socket);
    std::int32_t said = -1;
    contained([&] { said = theirs(data.data, handle); });
    if (const auto left = tables().deliveries.retired(handle.id)) (*left)->end_loan();
    if (said != 0) throw not_handled{};
}

}  // namespace

godwit_delivery receive_one(any_socket& from, std::uint64_t id, timeout limit, const std::stop_token& stop) {
    delivery_room room{1};
    if (auto* const in = std::get_if<rep>(&from.it)) return room.hand_out(in->recv(limit, stop).value(), id, true);
    delivery one;
    if (!receive(from, {&one, 1}, limit, stop).value()) throw error{errc::timed_out};
    return room.hand_out(as_request(std::move(one)), id, false);
}

}  // namespace godwit::c

using namespace godwit::c;

void godwit_consume_options_init(godwit_consume_options* out) {
    if (out != nullptr) *out = no_consume_options;
}

godwit_status godwit_recv(godwit_socket socket, int64_t timeout_ns, godwit_delivery* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        godwit_delivery& into = needed(out, "out");
        delivery_room room{1};
        if (auto* const in = std::get_if<godwit::rep>(&found->it)) {
            auto asked = in->recv(timeout_of(timeout_ns));
            if (!asked) return asked.error();
            into = room.hand_out(*std::move(asked), socket.id, true);
            return {};
        }
        auto one = receive(*found, timeout_of(timeout_ns));
        if (!one) return one.error();
        into = room.hand_out(as_request(*std::move(one)), socket.id, false);
        return {};
    });
}

godwit_status godwit_recv_many(godwit_socket socket, godwit_delivery* out, size_t max, size_t* count,
                               int64_t timeout_ns, godwit_stop stop, godwit_error* error) {
    if (count != nullptr) *count = 0;
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        std::size_t& taken = needed(count, "count");
        const auto token = token_of(stop);
        auto limit = timeout_of(timeout_ns);
        if (max != 0) (void)needed(out, "out");
        if (max != 0 && std::holds_alternative<godwit::rep>(found->it)) {
            out[0] = receive_one(*found, socket.id, limit, token);
            taken = 1;
            return {};
        }
        while (taken < max) {
            std::array<godwit::delivery, piece> some;
            delivery_room room{std::min(piece, max - taken)};
            const auto came = receive(*found, std::span{some}.first(room.size()), limit, token);
            if (!came) return taken == 0 ? came.error() : godwit::status{};
            for (std::size_t i = 0; i < *came; ++i)
                out[taken++] = room.hand_out(as_request(std::move(some[i])), socket.id, false);
            if (*came < room.size()) break;
            limit = std::chrono::nanoseconds{0};
        }
        return {};
    });
}

godwit_status godwit_consume(godwit_socket socket, godwit_handler handler, void* user_data, godwit_drop drop,
                             const godwit_consume_options* options, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto theirs = hold(user_data, drop);
        const auto found = tables().sockets.at(socket.id);
        if (handler == nullptr) throw_null("handler");
        const auto how = read_consume_options(options);
        const auto each = [&](godwit::delivery& one) { handle(handler, *theirs, socket.id, one); };
        if (auto* const in = std::get_if<godwit::sub>(&found->it)) return in->consume(each, how);
        return found->as<godwit::pull>().consume(each, how);
    });
}
