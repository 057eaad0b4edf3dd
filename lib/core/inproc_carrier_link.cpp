// What an inproc_carrier does for a link: peers by their names, and what became of them.
#include <algorithm>
#include <utility>

#include "core/inproc_carrier.hpp"

namespace godwit::detail {

result<std::string> inproc_carrier::dial(const endpoint& where, const std::optional<public_key>& server) {
    if (status begun = connect(where, server); !begun) return begun.error();
    const auto found = std::find_if(connected_.begin(), connected_.end(),
                                    [&](const connected& one) { return one.name == where.address; });
    registry_->pair_again(found->name, found->id);
    return inproc_outlets::name_of(found->id);
}

io inproc_carrier::send_to_peer(const outgoing& out) {
    const io sent = outlets_.send_to(out.peer, out);
    if (sent != io::unreachable) return sent;
    const std::uint64_t id = inproc_outlets::id_of(out.peer);
    const auto dialled =
        std::find_if(connected_.begin(), connected_.end(), [&](const connected& one) { return one.id == id; });
    if (dialled != connected_.end()) {
        dialled->refused_absent = true;
        return io::would_block;
    }
    return has_unread(id) ? io::would_block : io::unreachable;  // `unreachable` ends the link: its last words first
}

// Called before the inlets and outlets hear of it. What the pair before has left unread is not the successor's.
void inproc_carrier::adopt_link(const pipe_news& news) {
    if (news.what == pipe_news::kind::they_left) {
        leaving_.push_back({news.pipe, news.own});
        return settle_leaving();
    }
    changed_ = true;
    if (news.what == pipe_news::kind::we_left) return leave(*news.pipe, news.own);
    if (news.own == side::binding) return;
    const std::uint64_t connect_id = news.pipe->connect_id;
    inlets_.drop_ended(connect_id);
    settle_leaving();
    for (connected& one : connected_) {
        if (one.id != connect_id || !std::exchange(one.refused_absent, false)) continue;
        writable_.push_back(inproc_outlets::name_of(connect_id));
    }
}

void inproc_carrier::settle_leaving() {
    if (leaving_.empty()) return;
    std::erase_if(leaving_, [&](const leaving_peer& one) {
        if (one.pipe->rings[opposite(one.own)]->size() != 0) return false;
        leave(*one.pipe, one.own);
        return true;
    });
}

bool inproc_carrier::has_unread(std::uint64_t peer) const noexcept {
    return std::ranges::any_of(leaving_, [&](const leaving_peer& one) { return peer_id(*one.pipe, one.own) == peer; });
}

void inproc_carrier::leave(const inproc_pipe& pipe, side own) {
    changed_ = true;
    gone_.push_back(inproc_outlets::name_of(peer_id(pipe, own)));
}

bool inproc_carrier::take_changes() {
    if (own_->news.load(std::memory_order_acquire)) adopt_news();
    settle_leaving();
    return std::exchange(changed_, false);
}

void inproc_carrier::take_gone(std::vector<std::string>& into) {
    if (own_->news.load(std::memory_order_acquire)) adopt_news();
    settle_leaving();
    for (std::string& name : gone_) into.push_back(std::move(name));
    gone_.clear();
}

void inproc_carrier::take_writable(std::vector<std::string>& into) {
    if (own_->news.load(std::memory_order_acquire)) adopt_news();
    for (std::string& name : writable_) into.push_back(std::move(name));
    writable_.clear();
    outlets_.take_writable(into);
}

void inproc_carrier::end_peer(std::string_view peer, std::string_view reason) {
    const auto pipe = outlets_.pipe_of(peer);
    if (pipe == nullptr) return;
    registry_->end(*pipe, pipe->ends[side::binding] == own_ ? side::binding : side::connecting, reason);
    adopt_news();
}

}  // namespace godwit::detail
