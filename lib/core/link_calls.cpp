// What the application asks of a link_engine, beside sending and receiving.
#include <algorithm>
#include <new>

#include "core/link_engine.hpp"
#include "core/no_stop.hpp"
#include "core/plain_socket.hpp"

namespace godwit::detail {

tried link_engine::request(const record_parts& what, const request_terms& terms, offset& given, status& why) {
    if (protocol_ == nullptr || closing_) return tried::would_block;
    const tried outcome = protocol_->request(what, terms, given, why);
    if (outcome == tried::done) last_given_ = given;
    rung_ = touched_ = true;  // a deadline may come before the next step
    after();
    return outcome;
}

tried link_engine::take_reply(offset asked, message& out, status& why) {
    if (protocol_ == nullptr) return tried::would_block;
    const tried outcome = protocol_->take_reply(asked, out, why);
    after();
    return outcome;
}

void link_engine::give_up(offset asked) noexcept {
    if (protocol_ == nullptr) return;
    protocol_->give_up(asked);
    after_slowly();
}

status link_engine::check_open() const { return protocol_ != nullptr ? status{} : status{errc::closed}; }

status link_engine::reply(const settlement& to, const record_parts& what) {
    if (protocol_ == nullptr) return errc::closed;
    const status replied = protocol_->reply(to, what);
    after();
    return replied;
}

status link_engine::subscribe(std::string_view filter) {
    if (protocol_ == nullptr) return {};
    const status taken = protocol_->subscribe(filter);
    pump();
    return taken;
}

status link_engine::unsubscribe(std::string_view filter) {
    if (protocol_ == nullptr) return {};
    const status taken = protocol_->unsubscribe(filter);
    pump();
    return taken;
}

std::size_t link_engine::subscribers(std::string_view topic) const {
    return protocol_ != nullptr ? protocol_->subscribers(topic) : 0;
}

// After the end nothing is settled, but the batch is let go of.
void link_engine::settle_in_turn(const settlement& what) noexcept {
    if (protocol_ != nullptr) {
        protocol_->settle(what);
        socket_.count(socket_.waits_);                           // somebody is active
        if (what.what != verdict::ack) rung_ = touched_ = true;  // the next step may have come nearer
        return after();
    }
    if (what.what != verdict::extend && --what.batch->unsettled == 0) release(what.batch);
}

void link_engine::settle(const settlement& what) noexcept {
    if (socket_.forked()) return;
    // Once the socket is closed, the batch may be all that keeps it.
    std::shared_ptr<plain_socket> keep;
    const std::lock_guard hold{socket_.turn_};
    if (protocol_ == nullptr) [[unlikely]]
        keep = socket_.shared_from_this();
    settle_in_turn(what);
}

status link_engine::stage_possible(stage wanted) const {
    const error cannot{errc::unsupported, name(static_cast<outcome>(wanted)), "this socket never comes to that stage"};
    if (wanted == stage::accepted) return {};
    if (wanted >= stage::received) return socket_.own_ == pattern::pub ? status{cannot} : status{};
    return with_.log != nullptr && with_.log->reaches() >= wanted ? status{} : status{cannot};
}

std::optional<outcome> link_engine::outcome_of(offset at, stage wanted) const {
    return protocol_ != nullptr ? protocol_->outcome_of(at, wanted) : std::nullopt;
}

bool link_engine::all_reached(stage wanted, offset& looked, offset last) const {
    if (protocol_ == nullptr) return true;
    looked = std::max<offset>(looked, protocol_->settled_below());
    while (looked <= last && protocol_->outcome_of(looked, wanted)) ++looked;
    return looked > last;
}

result<outcome> link_engine::wait_for(offset at, stage wanted, timeout limit) {
    if (auto possible = stage_possible(wanted); !possible) return possible.error();
    std::optional<outcome> known;
    auto again = [&] {
        known = outcome_of(at, wanted);
        return known ? io::done : io::would_block;
    };
    if (auto waited = socket_.do_or_wait(want::news, limit, no_stop, again); !waited) return waited.error();
    return *known;
}

}  // namespace godwit::detail
