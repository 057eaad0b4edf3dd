#include <array>

#include "c/deliveries.hpp"
#include "c/guarded.hpp"
#include "c/messages.hpp"
#include "godwit/c/request.h"

namespace godwit::c {

namespace {

godwit_delivery_view as_view(const any_delivery& from) noexcept {
    godwit_delivery_view view{};
    fill_view(view, from.what.message());
    const stream_id stream = from.right->stream();
    view.stream_high = stream.high;
    view.stream_low = stream.low;
    view.at = from.right->at();
    view.attempt = from.right->attempt();
    view.settled = from.right->settled();
    return view;
}

godwit_delivery_view look_at(any_delivery& from) noexcept {
    const std::lock_guard hold{from.turn};
    return as_view(from);
}

template <class Settle>
godwit_status settle(godwit_delivery delivery, godwit_error* error, Settle&& verb) noexcept {
    return guarded(error, [&]() -> status {
        const auto found = tables().deliveries.at(delivery.id);
        const std::lock_guard hold{found->turn};
        verb(*found->right);
        return {};
    });
}

template <class Answer>
godwit_status answer(godwit_delivery asked, godwit_error* error, Answer&& answer_it) noexcept {
    return guarded(error, [&]() -> status {
        const auto found = tables().deliveries.at(asked.id);
        if (!found->answerable)
            return godwit::error{errc::unsupported, "reply", "only what a rep received can be replied to"};
        const std::lock_guard hold{found->turn};
        return answer_it(found->what);
    });
}

// The rights to settle of up to 64 deliveries of one socket, without their messages.
void ack_piece(std::span<const godwit_delivery> some) {
    std::array<delivery, piece> rights;
    std::size_t count = 0;
    std::uint64_t socket = 0;
    for (const godwit_delivery each : some) {
        const auto found = tables().deliveries.find_live(each.id);
        if (!found) continue;
        const std::lock_guard hold{(*found)->turn};
        delivery& one = *(*found)->right;
        if (one.settled()) continue;
        if (socket == 0) socket = (*found)->socket;
        if ((*found)->socket != socket || (*found)->answerable) {
            one.ack();
            continue;
        }
        const std::uint64_t at = one.at();
        const std::uint32_t attempt = one.attempt();
        detail::delivery_access::fill(rights[count++], {}, detail::delivery_access::take(one), at, attempt);
    }
    const auto all = std::span{rights}.first(count);
    if (const auto from = tables().sockets.find_live(socket)) {
        if (auto* const in = std::get_if<pull>(&(*from)->it)) in->ack_many(all);
        if (auto* const in = std::get_if<sub>(&(*from)->it)) in->ack_many(all);
    }
    for (delivery& one : all) one.ack();  // of a socket that was closed
}

}  // namespace

}  // namespace godwit::c

using namespace godwit::c;

godwit_status godwit_delivery_get(godwit_delivery delivery, godwit_delivery_view* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().deliveries.at(delivery.id);
        write_struct(needed(out, "out"), look_at(*found));
        return {};
    });
}

godwit_status godwit_delivery_get_many(const godwit_delivery* deliveries, size_t count, godwit_delivery_view* out,
                                       godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        if (count != 0) (void)needed(deliveries, "deliveries");
        const struct_array<godwit_delivery_view> into{out, count};
        for (std::size_t i = 0; i < count; ++i) into.put(i, look_at(*tables().deliveries.at(deliveries[i].id)));
        return {};
    });
}

godwit_status godwit_delivery_header(godwit_delivery delivery, size_t index, godwit_header* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().deliveries.at(delivery.id);
        needed(out, "out") = header_of(found->what.message(), index);
        return {};
    });
}

godwit_status godwit_delivery_message(godwit_delivery delivery, godwit_message* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().deliveries.at(delivery.id);
        godwit_message& into = needed(out, "out");
        into = hand_out(godwit::message{found->what.message()});
        return {};
    });
}

godwit_status godwit_ack(godwit_delivery delivery, godwit_error* error) {
    return settle(delivery, error, [](godwit::delivery& one) { one.ack(); });
}

godwit_status godwit_nack(godwit_delivery delivery, int64_t delay_ns, godwit_error* error) {
    return settle(delivery, error, [&](godwit::delivery& one) { one.nack(nanoseconds_of(delay_ns)); });
}

godwit_status godwit_reject(godwit_delivery delivery, godwit_bytes why, godwit_error* error) {
    return settle(delivery, error, [&](godwit::delivery& one) { one.reject(text_of(why)); });
}

godwit_status godwit_extend(godwit_delivery delivery, int64_t by_ns, godwit_error* error) {
    return settle(delivery, error, [&](godwit::delivery& one) { one.extend(nanoseconds_of(by_ns)); });
}

godwit_status godwit_ack_many(const godwit_delivery* deliveries, size_t count, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        if (count != 0) (void)needed(deliveries, "deliveries");
        for (std::size_t from = 0; from < count; from += piece)
            ack_piece({deliveries + from, std::min(piece, count - from)});
        return {};
    });
}

godwit_status godwit_delivery_release(godwit_delivery delivery, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        tables().deliveries.release(delivery.id);
        return {};
    });
}

godwit_status godwit_delivery_release_many(const godwit_delivery* deliveries, size_t count, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        if (count != 0) (void)needed(deliveries, "deliveries");
        for (std::size_t i = 0; i < count; ++i) tables().deliveries.release(deliveries[i].id);
        return {};
    });
}

godwit_status godwit_reply(godwit_delivery request, godwit_bytes body, godwit_error* error) {
    return answer(request, error, [&](godwit::request& asked) { return asked.reply(view_of(body)); });
}

godwit_status godwit_reply_parts(godwit_delivery request, const godwit_parts* parts, godwit_error* error) {
    return answer(request, error, [&](godwit::request& asked) { return asked.reply(make_message(parts)); });
}
