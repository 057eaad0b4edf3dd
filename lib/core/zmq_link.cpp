#include "core/zmq_link.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include "core/zmq_one_frame.hpp"

namespace godwit::detail {

namespace {

constexpr char dialled_mark = 'D';
constexpr std::size_t own_id_bytes = 17;

// libzmq 4.3.4 aborts the process when an id is set that somebody has already.
std::string draw_routing_id() {
    std::random_device source;
    std::string id(own_id_bytes, dialled_mark);
    for (std::size_t at = 1; at < own_id_bytes; at += sizeof(std::uint32_t)) {
        const std::uint32_t word = source();
        std::memcpy(id.data() + at, &word, sizeof word);
    }
    return id;
}

bool is_given_by_libzmq(std::string_view routing_id) noexcept {
    return routing_id.size() == 5 && routing_id[0] == '\0';
}

}  // namespace

std::string zmq_link::dial(const std::string& url) {
    if (const auto known = dialled_.find(url); known != dialled_.end()) return known->second.name;
    const std::uint64_t number = ++last_name_;
    std::string name(1 + sizeof number, dialled_mark);
    std::memcpy(name.data() + 1, &number, sizeof number);
    url_of_.emplace(name, url);
    dialled_.emplace(url, dialled_peer{name, {}});
    return name;
}

std::string zmq_link::offer_routing_id() {
    std::string fresh = draw_routing_id();
    zmq_setsockopt(socket_, ZMQ_CONNECT_ROUTING_ID, fresh.data(), fresh.size());
    return fresh;
}

void zmq_link::dialled(const std::string& url, std::string&& routing_id) {
    const auto found = dialled_.find(url);
    if (found == dialled_.end()) return;
    name_of_.emplace(routing_id, found->second.name);
    name_of_.erase(found->second.routing_id);
    found->second.routing_id = std::move(routing_id);
}

void zmq_link::forget(const std::string& url) {
    const auto found = dialled_.find(url);
    if (found == dialled_.end()) return;
    refused_.erase(found->second.name);
    std::erase(writable_, found->second.name);
    name_of_.erase(found->second.routing_id);
    url_of_.erase(found->second.name);
    dialled_.erase(found);
}

std::string zmq_link::url_of(std::string_view peer) const {
    const auto found = url_of_.find(peer);
    return found == url_of_.end() ? std::string{} : found->second;
}

const std::string* zmq_link::routing_id_of(std::string_view peer) const {
    const auto url = url_of_.find(peer);
    return url == url_of_.end() ? nullptr : &dialled_.find(url->second)->second.routing_id;
}

io zmq_link::send(const outgoing& out) {
    if (out.peer.empty()) return io::unreachable;
    const std::string* const dialled = routing_id_of(out.peer);
    if (dialled == nullptr && !is_given_by_libzmq(out.peer)) return io::unreachable;
    outgoing routed = out;
    routed.peer = dialled != nullptr ? std::string_view{*dialled} : out.peer;
    if (!open_.empty() && open_ != routed.peer) finish_open();
    if (!open_.empty()) {
        open_.clear();
        routed.peer = {};
    }
    io outcome = send_frames(socket_, routed);
    if (outcome == io::unreachable && dialled != nullptr) outcome = io::would_block;  // it will be dialled again
    if (outcome == io::would_block) {
        if (!refused_.contains(out.peer)) refused_.emplace(out.peer);
    } else if (!refused_.empty()) {
        // Whoever was refused before this one still waits to be told.
        if (const auto found = refused_.find(out.peer); found != refused_.end()) {
            std::string name = std::move(refused_.extract(found).value());
            if (std::find(writable_.begin(), writable_.end(), name) == writable_.end())
                writable_.push_back(std::move(name));
        }
    }
    return outcome;
}

// The other side takes an empty message for nothing.
void zmq_link::finish_open() {
    open_.clear();
    send_copied(socket_, {}, 0);
}

// libzmq's ZMQ_POLLOUT says whether any peer has room, and nothing asks for one; but it refuses a message's first frame,
// the routing id, for want of room. If it takes it, what is sent next must go there.
bool zmq_link::probe(const std::string& peer) {
    const std::string* const dialled = routing_id_of(peer);
    const std::string& routing_id = dialled != nullptr ? *dialled : peer;
    if (send_copied(socket_, as_bytes(routing_id), ZMQ_SNDMORE) >= 0) {
        open_ = routing_id;
        return true;
    }
    return dialled == nullptr && failed_send() == io::unreachable;
}

bool zmq_link::any_writable() {
    if (!writable_.empty()) return true;
    if (refused_.empty()) return false;
    if (!open_.empty()) finish_open();
    for (auto one = refused_.begin(); one != refused_.end(); ++one) {
        if (!probe(*one)) continue;
        writable_.push_back(std::move(refused_.extract(one).value()));
        return true;
    }
    return false;
}

void zmq_link::take_writable(std::vector<std::string>& into) {
    if (!any_writable()) return;
    std::move(writable_.begin(), writable_.end(), std::back_inserter(into));
    writable_.clear();
}

zmq_link::origin zmq_link::translate(std::string& routing_id) const {
    if (is_given_by_libzmq(routing_id)) return origin::peer;
    if (const auto dialled = name_of_.find(routing_id); dialled != name_of_.end()) {
        routing_id.assign(dialled->second);
        return origin::peer;
    }
    return routing_id.size() == own_id_bytes && routing_id[0] == dialled_mark ? origin::stale : origin::stranger;
}

void zmq_link::heard(const std::string& peer, const std::string& user_id, int link, link_table& links) {
    if (is_given_by_libzmq(peer) && !speakers_.contains(peer)) {
        if (speakers_.size() >= prune_at_) {
            std::erase_if(speakers_, [&](const auto& one) { return !links.belongs(one.second.link, one.second.who); });
            prune_at_ = std::max<std::size_t>(64, speakers_.size() * 2);
        }
        speaker made{link, {}};
        admission::parse(user_id, made.who);
        links.belongs(link, made.who);  // from now on it is known whose link that is
        speakers_.emplace(peer, made);
    }
}

const zmq_link::speaker* zmq_link::find(std::string_view peer) const {
    const auto found = speakers_.find(peer);
    return found == speakers_.end() ? nullptr : &found->second;
}

}  // namespace godwit::detail
