#include "godwit/c/send.h"

#include <array>
#include <bit>

#include "c/guarded.hpp"
#include "c/messages.hpp"
#include "c/receipts.hpp"
#include "c/user_data.hpp"

namespace godwit::c {

namespace {

result<receipt> send_by(any_socket& from, const outgoing_parts& what) {
    if (auto* const out = std::get_if<pub>(&from.it)) return out->send(what.options.topic, what.body, what.options);
    return from.as<push>().send(what.body, what.options);
}

// By a pub, whose messages have no options of their own.
result<receipt> publish(pub& from, const message& what, send_options&& options) {
    options.topic = what.topic();
    options.key = what.key();
    for (std::size_t i = 0; i < what.header_count(); ++i) options.headers.push_back(what.header_at(i));
    return from.send(what.topic(), what.body(), options);
}

result<receipt> send_by(any_socket& from, const message& what, const godwit_send_options* how) {
    if (auto* const out = std::get_if<pub>(&from.it))
        return how == nullptr ? out->send(what) : publish(*out, what, read_options(how));
    return how == nullptr ? from.as<push>().send(what) : from.as<push>().send(what, read_options(how));
}

// What a receipt is for, if anybody asks.
status told(const result<receipt>& sent, godwit_receipt* into) {
    if (!sent) return sent.error();
    if (into != nullptr) *into = as_value(*sent);
    return {};
}

// Sends piece by piece, each within what is left of the time; `sent` counts, and only a first failure is one.
template <class Piece>
status send_in_pieces(std::size_t count, send_options&& options, timeout limit, std::size_t& sent, Piece&& send_piece) {
    const auto deadline = limit.deadline();
    while (sent < count) {
        const std::size_t size = std::min(piece, count - sent);
        if (sent != 0 && !limit.is_never()) options.within = deadline - timeout::clock::now();
        const result<std::size_t> taken = send_piece(sent, size, options);
        if (!taken) return sent == 0 ? taken.error() : status{};
        sent += *taken;
        if (*taken < size) break;
    }
    return {};
}

static_assert(static_cast<int>(dead_reason::attempts) == GODWIT_DEAD_ATTEMPTS);
static_assert(static_cast<int>(dead_reason::expired) == GODWIT_DEAD_EXPIRED);
static_assert(static_cast<int>(dead_reason::refused) == GODWIT_DEAD_REFUSED);

}  // namespace

}  // namespace godwit::c

using namespace godwit::c;

godwit_status godwit_send(godwit_socket socket, godwit_bytes body, godwit_receipt* receipt, godwit_error* error) {
    return guarded(error, [&] {
        const auto found = tables().sockets.at(socket.id);
        return told(found->as<godwit::push>().send(view_of(body)), receipt);
    });
}

godwit_status godwit_send_parts(godwit_socket socket, const godwit_parts* parts, const godwit_send_options* options,
                                godwit_receipt* receipt, godwit_error* error) {
    return guarded(error, [&] {
        const auto found = tables().sockets.at(socket.id);
        return told(send_by(*found, outgoing_parts{parts, options}), receipt);
    });
}

godwit_status godwit_send_message(godwit_socket socket, godwit_message message, const godwit_send_options* options,
                                  godwit_receipt* receipt, godwit_error* error) {
    return guarded(error, [&] {
        const auto found = tables().sockets.at(socket.id);
        const auto whole = tables().messages.at(message.id);
        return told(send_by(*found, *whole, options), receipt);
    });
}

godwit_status godwit_send_take(godwit_socket socket, godwit_bytes body, godwit_drop drop, void* user_data,
                               const godwit_send_options* options, godwit_receipt* receipt, godwit_error* error) {
    return guarded(error, [&] {
        auto theirs = hold(user_data, drop);
        const auto found = tables().sockets.at(socket.id);
        auto& out = found->as<godwit::push>();
        const godwit::bytes taken = view_of(body);
        auto whole = godwit::message::take(taken.data(), taken.size(),
                                           [theirs = std::move(theirs)]() mutable { theirs.reset(); });
        return told(options == nullptr ? out.send(std::move(whole)) : out.send(whole, read_options(options)), receipt);
    });
}

godwit_status godwit_send_many(godwit_socket socket, const godwit_bytes* bodies, size_t count,
                               const godwit_send_options* options, size_t* sent, godwit_error* error) {
    std::size_t done = 0;
    const godwit_status status = guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        auto& out = found->as<godwit::push>();
        if (count != 0) (void)needed(bodies, "bodies");
        auto how = read_options(options);
        const auto limit = how.within.value_or(godwit::timeout::never);
        return send_in_pieces(count, std::move(how), limit, done, [&](std::size_t from, std::size_t size, auto& each) {
            std::array<godwit::bytes, piece> views;
            for (std::size_t i = 0; i < size; ++i) views[i] = view_of(bodies[from + i]);
            return out.send_many(std::span{std::as_const(views)}.first(size), each);
        });
    });
    if (sent != nullptr) *sent = done;
    return status;
}

godwit_status godwit_send_messages(godwit_socket socket, const godwit_message* messages, size_t count,
                                   const godwit_send_options* options, size_t* sent, godwit_error* error) {
    std::size_t done = 0;
    const godwit_status status = guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        auto* const all = std::get_if<godwit::pub>(&found->it);
        auto* const one = all == nullptr ? &found->as<godwit::push>() : nullptr;
        if (all != nullptr && options != nullptr)
            return godwit::error{godwit::errc::unsupported, "options", "a pub sends many messages without any"};
        if (count != 0) (void)needed(messages, "messages");
        auto how = read_options(options);
        const auto limit = how.within.value_or(godwit::timeout::never);
        return send_in_pieces(count, std::move(how), limit, done, [&](std::size_t from, std::size_t size, auto& each) {
            std::array<godwit::message, piece> copies;
            for (std::size_t i = 0; i < size; ++i) copies[i] = *tables().messages.at(messages[from + i].id);
            const auto part = std::span{std::as_const(copies)}.first(size);
            return all != nullptr ? all->send_many(part) : one->send_many(part, each);
        });
    });
    if (sent != nullptr) *sent = done;
    return status;
}

godwit_status godwit_flush(godwit_socket socket, int32_t stage, int64_t timeout_ns, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        if (auto* const all = std::get_if<godwit::pub>(&found->it))
            return all->flush(stage_of(stage), timeout_of(timeout_ns));
        return found->as<godwit::push>().flush(stage_of(stage), timeout_of(timeout_ns));
    });
}

godwit_status godwit_receipt_wait(godwit_receipt receipt, int32_t stage, int64_t timeout_ns, int32_t* outcome,
                                  godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto seen = godwit::receipt{receipt.socket, receipt.at}.wait(stage_of(stage), timeout_of(timeout_ns));
        if (!seen) return seen.error();
        if (outcome != nullptr) *outcome = static_cast<int32_t>(*seen);
        return {};
    });
}

godwit_status godwit_on_settled(godwit_socket socket, godwit_settled_handler tell, void* user_data, godwit_drop drop,
                                godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        auto theirs = hold(user_data, drop);
        const auto found = tables().sockets.at(socket.id);
        auto& out = found->as<godwit::push>();
        if (tell == nullptr) throw_null("tell");
        return out.on_settled([tell, theirs = std::move(theirs)](std::span<const godwit::settled_record> all) {
            std::array<godwit_settled, piece> records;
            for (std::size_t from = 0; from < all.size(); from += piece) {
                const auto part = all.subspan(from, std::min(piece, all.size() - from));
                for (std::size_t i = 0; i < part.size(); ++i)
                    records[i] = {part[i].at, static_cast<int32_t>(part[i].what), 0};
                contained([&] { tell(theirs->data, records.data(), part.size()); });
            }
        });
    });
}

godwit_status godwit_dead_letters(godwit_socket socket, godwit_dead_letter* out, size_t max, size_t* count,
                                  godwit_error* error) {
    if (count != nullptr) *count = 0;
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        std::size_t& told = needed(count, "count");
        const struct_array<godwit_dead_letter> into{out, max};
        auto letters = found->as<godwit::push>().dead_letters(max);
        message_room room{letters.size()};
        for (auto& one : letters) {
            godwit_dead_letter letter{};
            letter.stream_high = one.stream.high;
            letter.stream_low = one.stream.low;
            letter.at = one.at;
            letter.reason = static_cast<int32_t>(one.why);
            letter.attempts = one.attempts;
            letter.when_ns = since_1970(one.when);
            letter.content = room.hand_out(std::move(one.content));
            copy_text(one.detail, letter.detail);
            into.put(told++, letter);
        }
        return {};
    });
}

godwit_status godwit_requeue(godwit_socket socket, uint64_t dead, godwit_error* error) {
    return guarded(error, [&] {
        const auto found = tables().sockets.at(socket.id);
        return found->as<godwit::push>().requeue(dead);
    });
}

godwit_status godwit_discard(godwit_socket socket, uint64_t dead, godwit_error* error) {
    return guarded(error, [&] {
        const auto found = tables().sockets.at(socket.id);
        return found->as<godwit::push>().discard(dead);
    });
}
