// The host names that a socket dials, looked up again while they have no link.
#include "core/moved_name.hpp"
#include "core/plain_socket.hpp"
#include "core/zmq_carrier.hpp"

namespace godwit::detail {

bool plain_socket::look_up_again(const std::string& dialled) {
    const auto hold = turn();
    if (closed_ || zmq_ == nullptr) return false;
    bool any = false;
    for (const std::string& url : static_cast<zmq_carrier&>(*zmq_).dialled_there(dialled)) {
        const auto where = parse_endpoint(url, direction::connect);
        if (!where || !has_host_name(*where)) continue;
        any = true;
        if (!looked_up_.insert(url).second) continue;
        const auto tell = [weak = weak_from_this(), url](const std::string& number) {
            if (const auto socket = weak.lock()) socket->name_found(url, number);
        };
        if (!home_->hosts()->look_up_later(where->address, tell)) looked_up_.erase(url);
    }
    return any;
}

void plain_socket::name_found(const std::string& url, const std::string& number) {
    const auto hold = turn();
    looked_up_.erase(url);
    if (closed_ || zmq_ == nullptr) return;
    auto& carried = static_cast<zmq_carrier&>(*zmq_);
    const std::string dialled = carried.dialled_as(url);
    if (dialled.empty()) return;  // taken away since
    const moved_name found = judge_moved(*parse_endpoint(url, direction::connect), dialled, number, options_);
    if (found.what == moved_name::verdict::stays) return void(names_refused_.erase(url));
    const auto moved = found.what == moved_name::verdict::moves
                           ? carried.redirect(url, found.numeric)
                           : status{error{errc::insecure, url, "tcp beyond the loopback wants keys, or insecure"}};
    if (moved) {
        names_refused_.erase(url);
        peers_->note(log_level::info, url + " is at " + found.numeric + " now");
    } else if (auto& told = names_refused_[url]; told != found.numeric) {
        told = found.numeric;
        peers_->report(event_kind::name_refused, url,
                       "it is at " + found.numeric + " now, which is not dialled: " + moved.error().what());
    }
    hand_on_if_waited();
}

}  // namespace godwit::detail
