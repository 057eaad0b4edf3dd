// What a socket with modules does in its callers' calls: each goes to the protocol once, and no further, while all is well.
#include <algorithm>

#include "base/held_batch.hpp"
#include "core/link_engine.hpp"
#include "core/plain_socket.hpp"

namespace godwit::detail {

namespace {

io as_io(tried outcome) noexcept { return outcome == tried::would_block ? io::would_block : io::done; }

}  // namespace

bool plain_socket::send_linked_now(bytes body, receipt& given) {
    if (engine_ == nullptr) return false;
    offset at = 0;
    status failed;
    if (engine_->send({.body = body}, at, failed) != tried::done) return false;
    count(sent_, body.size());
    given = receipt{engine_->desk_number(), at};
    return true;
}

bool plain_socket::recv_linked_now(delivery& into) {
    if (engine_ == nullptr) return false;
    status failed;
    const tried outcome = engine_->recv(into, failed);
    if (outcome != tried::done) {
        recv_failure_ = std::move(failed);  // told once: the long way gives it out
        return false;
    }
    count(received_, into.body().size());
    return true;
}

io plain_socket::try_linked(const record_parts& what, status& failed) {
    offset at = 0;
    return as_io(engine_->send(what, at, failed));
}

result<receipt> plain_socket::send_linked(const record_parts& what, timeout limit, const std::stop_token& stop) {
    if (auto fits = check_size({&what.body, 1}); !fits) return fits.error();
    offset at = 0;
    status failed;
    auto again = [&] {
        const tried outcome = engine_->send(what, at, failed);
        if (outcome == tried::done) count(sent_, what.body.size());
        return as_io(outcome);
    };
    if (auto sent = do_or_wait(want::out, limit, stop, again); !sent) return sent.error();
    if (!failed) return failed.error();
    return receipt{engine_->desk_number(), at};
}

status plain_socket::recv_linked(delivery& into, timeout limit, const std::stop_token& stop) {
    status failed;
    auto again = [&] {
        if (!recv_failure_) return failed = std::exchange(recv_failure_, {}), io::done;
        const tried outcome = engine_->recv(into, failed);
        if (outcome == tried::done) count(received_, into.body().size());
        return as_io(outcome);
    };
    if (auto waited = do_or_wait(want::in, limit, stop, again); !waited) return waited;
    return failed;
}

result<std::size_t> plain_socket::recv_many_linked(std::span<delivery> out, timeout limit,
                                                   const std::stop_token& stop) {
    std::size_t received = 0;
    status failed;
    const std::size_t wanted = std::min(out.size(), burst_max);
    // What they held is nacked, which takes the turn.
    for (delivery& one : out.first(wanted)) {
        if (!one.settled()) one = delivery{};
    }
    auto again = [&] {
        if (!recv_failure_) return failed = std::exchange(recv_failure_, {}), io::done;
        for (; received < wanted; ++received) {
            const tried outcome = engine_->recv(out[received], failed);
            if (outcome == tried::failed && received > 0) recv_failure_ = std::exchange(failed, {});
            if (outcome != tried::done) break;
            count(received_, out[received].body().size());
        }
        if (received < wanted && received > 0 && room_.lamp_for(want::in) != nullptr) darken(want::in);
        return received > 0 || !failed ? io::done : io::would_block;
    };
    if (auto waited = do_or_wait(want::in, limit, stop, again); !waited) return waited.error();
    if (!failed) return failed.error();
    return received;
}

void plain_socket::settle_many(std::span<delivery> all, verdict what) noexcept {
    if (engine_ == nullptr || forked()) return;
    while (!all.empty()) {
        const auto part = all.first(std::min(all.size(), burst_max));
        all = all.subspan(part.size());
        // Once the socket is closed, their batches may be all that keeps it.
        const auto keep = shared_from_this();
        const std::lock_guard hold{turn_};
        for (delivery& one : part) {
            held_batch* const held = delivery_access::held(one);
            if (held == nullptr || !engine_->is_home_of(*held)) continue;
            engine_->settle_in_turn({delivery_access::take(one), one.at(), one.attempt(), what});
        }
    }
}

status plain_socket::flush(stage wanted, timeout limit, const std::stop_token& stop) {
    if (engine_ == nullptr) {
        return wanted == stage::accepted
                   ? status{}
                   : error{errc::unsupported, "plain socket", "stages beyond accepted need the ack_retry module"};
    }
    if (forked()) return forked_error();
    if (auto possible = engine_->stage_possible(wanted); !possible) return possible;
    std::optional<offset> last;
    {
        const auto hold = turn();
        last = engine_->last_given();
        if (!last) return check_open();  // an endpoint is not needed for that
    }
    offset looked = 0;
    auto again = [&] { return engine_->all_reached(wanted, looked, *last) ? io::done : io::would_block; };
    return do_or_wait(want::news, limit, stop, again);
}

status plain_socket::dial_linked(carrier& by, const endpoint& where, const std::optional<public_key>& server) {
    auto name = by.dial(where, server);
    if (!name) return name.error();
    engine_->dialled(by, *name, where.url());
    return {};
}

}  // namespace godwit::detail
