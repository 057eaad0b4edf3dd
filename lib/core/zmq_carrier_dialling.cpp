// What a zmq_carrier dials: once, again, and elsewhere.
#include <algorithm>

#include "base/secret_key.hpp"
#include "core/zmq_carrier.hpp"

namespace godwit::detail {

void zmq_carrier::dial_with(const std::string& dialled) {
    zmq_setsockopt(socket_.get(), ZMQ_ZAP_DOMAIN, "", 0);
    socket_.set(zmq_enforce_domain, 0);
    const auto& keys = around_.options.keys;
    if (!keys) return;
    const auto set_key = [&](int option, std::span<const std::byte, public_key::size> key) {
        zmq_setsockopt(socket_.get(), option, key.data(), key.size());
    };
    socket_.set(ZMQ_CURVE_SERVER, 0);
    set_key(ZMQ_CURVE_PUBLICKEY, keys->public_part().raw());
    set_key(ZMQ_CURVE_SECRETKEY, key_access::secret(*keys).raw());
    set_key(ZMQ_CURVE_SERVERKEY, servers_.find(dialled)->second.raw());
}

status zmq_carrier::begin_dial(const std::string& url, const std::string& dialled,
                               const std::optional<public_key>& server) {
    bool is_new = false;
    if (server) {
        const auto [known, added] = servers_.try_emplace(dialled, *server);
        if (known->second != *server) {
            return error{errc::invalid_argument, url, "it is dialled already, with another server's key"};
        }
        is_new = added;
    }
    choose_family(dialled);
    dial_with(dialled);
    if (dial_once(url, dialled)) return {};
    auto failure = zmq_error(url, "cannot connect to");
    if (is_new) servers_.erase(dialled);
    return failure;
}

bool zmq_carrier::dial_once(const std::string& url, const std::string& dialled) {
    if (link_ == nullptr) return socket_.connect(dialled) == 0;
    std::string fresh = link_->offer_routing_id();
    const bool begun = socket_.connect(dialled) == 0;
    if (begun) link_->dialled(url, std::move(fresh));
    return begun;
}

void zmq_carrier::connect_again(const std::string& dialled) {
    const auto is_there = [&](const auto& one) { return one.second == dialled; };
    if (std::ranges::none_of(dialled_, is_there)) return void(servers_.erase(dialled));
    watch_->dialled(dialled);
    choose_family(dialled);
    dial_with(dialled);
    for (const auto& one : dialled_) {
        if (is_there(one)) dial_once(one.first, dialled);
    }
}

void zmq_carrier::part(const std::string& dialled) {
    watch_->part(zmq_watch::clock::now() + around_.options.linger, links_->part(dialled));
    runner_->nudge();
}

bool zmq_carrier::dial_again(const std::string& dialled) {
    const bool ours =
        std::any_of(dialled_.begin(), dialled_.end(), [&](const auto& one) { return one.second == dialled; });
    if (!ours) return false;
    socket_.disconnect(dialled);
    watch_->part(zmq_watch::clock::now() + around_.options.linger, links_->part_links(dialled));
    connect_again(dialled);
    return true;
}

std::set<std::string> zmq_carrier::dialled_there(const std::string& dialled) const {
    std::set<std::string> urls;
    for (const auto& [url, as_dialled] : dialled_) {
        if (as_dialled == dialled) urls.insert(url);
    }
    return urls;
}

std::string zmq_carrier::dialled_as(const std::string& url) const {
    const auto found = dialled_.find(url);
    return found == dialled_.end() ? std::string{} : found->second;
}

status zmq_carrier::redirect(const std::string& url, const std::string& dialled) {
    const std::string before = dialled_as(url);
    if (dialled_there(dialled).empty()) watch_->dialled(dialled);
    const auto expected = servers_.find(before);
    const auto server = expected == servers_.end() ? std::nullopt : std::optional{expected->second};
    if (auto begun = begin_dial(url, dialled, server); !begun) return begun;
    const auto [first, last] = dialled_.equal_range(url);
    for (auto one = first; one != last; ++one) {
        if (one != first) dial_once(url, dialled);
        one->second = dialled;
    }
    socket_.disconnect(before);
    part(before);
    watch_->dials_no_more(before, true);
    connect_again(before);
    return {};
}

}  // namespace godwit::detail
