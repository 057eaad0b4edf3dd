#include "core/link_table.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/peer_address.hpp"
#include "core/socket_inode.hpp"

namespace godwit::detail {

namespace {

// What strangers may not take: libzmq needs some for a reconnect, and aborts where accept finds none for an ipc link.
constexpr rlim_t descriptors_kept = 64;

// The lowest free number is what dup gives.
bool runs_out(const unique_fd& newest) {
    rlimit limit{};
    if (!newest) return errno == EMFILE || errno == ENFILE;
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
    const rlim_t kept = std::min(descriptors_kept, limit.rlim_cur / 8);
    return static_cast<rlim_t>(newest.get()) + kept >= limit.rlim_cur;
}

}  // namespace

bool link_table::is_closed(int original, const unique_fd& duplicate) noexcept {
    const auto ours = socket_inode(duplicate.get());
    return ours == 0 || socket_inode(original) != ours;
}

bool parting_link::closed_by_libzmq() const noexcept { return link_table::is_closed(original, duplicate); }

bool parting_link::drained() const noexcept {
    if (!duplicate) return true;
    pollfd hung_up{duplicate.get(), 0, 0};
    if (::poll(&hung_up, 1, 0) > 0 && (hung_up.revents & (POLLHUP | POLLERR)) != 0) return true;
    int unsent = 0;
    return ::ioctl(duplicate.get(), SIOCOUTQ, &unsent) != 0 || unsent == 0;
}

link_table::place_of::iterator link_table::place_at(std::string_view endpoint) {
    const auto found = places_.find(endpoint);
    return found != places_.end() ? found : places_.emplace(std::string{endpoint}, place{}).first;
}

void link_table::forget(int descriptor, link& which) {
    which.at->second.waiting.erase(which.number);
    waiting_.erase(which.number);
    if (joined_.erase(which.number) != 0) changed_.store(true, std::memory_order_release);
    if (tells_closed_) closed_.push_back(descriptor);
}

void link_table::opened(int descriptor, std::string_view endpoint, link_origin from) {
    unique_fd duplicate{::fcntl(descriptor, F_DUPFD_CLOEXEC, 3)};
    const bool too_few = from == link_origin::accepted && descriptor >= 0 && runs_out(duplicate);
    const std::lock_guard hold{lock_};
    if (const auto old = links_.find(descriptor); old != links_.end()) {
        if (old->second.now == stage::joined) peers_->left(old->second.peer_id, "connection closed");
        forget(descriptor, old->second);
        links_.erase(old);
    }
    vain_failures_ = 0;
    const auto at = place_at(endpoint);
    const serial number = ++last_;
    at->second.bound = at->second.bound || from == link_origin::accepted;
    link& made = links_.emplace(descriptor, link{std::move(duplicate), at, clock::now(), number, from}).first->second;
    at->second.waiting.emplace(number, descriptor);
    waiting_.emplace(number, descriptor);
    if (too_few) {
        tell(event_kind::accept_failed, refused_descriptors_, endpoint, "descriptors run out: the link was ended");
        if (!made.duplicate && reserve_ != nullptr) reserve_->end_link(descriptor);
        end(made);
    } else if (waiting_.size() > limits_.handshakes) {
        make_room();
    }
}

// libzmq sees the end of the stream, closes its own descriptor and tells so. Over tcp that resets the connection: a peer
// that goes on sending must not wait for us, nor the kernel for it.
void link_table::end(link& which, std::string_view reason) {
    constexpr linger at_once{1, 0};
    if (which.now == stage::joined) peers_->left(which.peer_id, reason);
    which.at->second.waiting.erase(which.number);
    waiting_.erase(which.number);
    if (joined_.erase(which.number) != 0) changed_.store(true, std::memory_order_release);
    which.now = stage::ended;
    if (which.duplicate) {
        ::setsockopt(which.duplicate.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ::shutdown(which.duplicate.get(), SHUT_RDWR);
    }
    which.duplicate.reset();
}

bool link_table::end(int descriptor, std::string_view limit) {
    const std::lock_guard hold{lock_};
    const auto found = links_.find(descriptor);
    if (found == links_.end() || found->second.now == stage::ended) return false;
    // What was said by this number may have been said by the link that had it before.
    if (std::find(closed_.begin(), closed_.end(), descriptor) != closed_.end()) return false;
    const std::string address = peer_address(found->second.duplicate.get());
    const std::string endpoint = found->second.at->first;
    peers_->report(event_kind::over_limit, endpoint, std::string{limit} + ", by " + address);
    end(found->second);
    return true;
}

void link_table::join(int descriptor) {
    link& which = links_.find(descriptor)->second;
    which.at->second.waiting.erase(which.number);
    waiting_.erase(which.number);
    if (which.from == link_origin::accepted && joined_.size() >= limits_.peers) {
        tell(event_kind::over_limit, refused_peers_, which.at->first,
             "peers_max = " + std::to_string(limits_.peers) + ": a further peer was refused");
        return end(which);
    }
    which.now = stage::joined;
    joined_.emplace(which.number, descriptor);
    changed_.store(true, std::memory_order_release);
    which.peer_id = peers_->joined(which.at->first, peer_address(which.duplicate.get()));
}

void link_table::refused(std::string_view endpoint, std::string_view reason) {
    const std::lock_guard hold{lock_};
    place_at(endpoint)->second.reason_given = true;
    peers_->report(event_kind::handshake_refused, endpoint, reason);
}

bool link_table::refused_by_us(std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    const auto at = places_.find(endpoint);
    if (at == places_.end() || !at->second.bound) return false;
    return at->second.reason_given = true;
}

bool link_table::closed(int descriptor, std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    const auto found = links_.find(descriptor);
    if (found == links_.end()) return true;
    const link gone = std::move(found->second);
    forget(descriptor, found->second);
    links_.erase(found);
    if (gone.now == stage::joined) peers_->left(gone.peer_id, "connection closed");
    if (gone.now == stage::waiting) count_silent_close(place_at(endpoint), gone.from);
    return gone.now != stage::waiting && gone.from != link_origin::dialled;
}

void link_table::count_silent_close(place_of::iterator at, link_origin from) {
    place& of = at->second;
    if (std::exchange(of.reason_given, false)) return;
    if (from == link_origin::accepted) peers_->count(event_kind::handshake_refused);  // libzmq did, and said no reason
    // One close may be a scanner or a restart; two in a row are a pattern. Told at 2, 4, 8, …
    ++of.closes;
    if (of.closes >= 2 && (of.closes & (of.closes - 1)) == 0) {
        peers_->report(event_kind::mismatch_suspected, at->first,
                       std::to_string(of.closes) +
                           " connections in a row closed without a handshake: is the other "
                           "side's pattern the counterpart of ours?");
    }
}

link_table::clock::time_point link_table::settle_overdue() {
    const std::lock_guard hold{lock_};
    const auto now = clock::now();
    while (!waiting_.empty()) {
        const int oldest = waiting_.begin()->second;
        const auto due = links_.find(oldest)->second.since + patience();
        if (due > now) return due;
        join(oldest);
    }
    return clock::time_point::max();
}

std::uint64_t link_table::next_serial() {
    const std::lock_guard hold{lock_};
    return ++last_;
}

bool link_table::belongs(int descriptor, const admission& who) {
    const std::lock_guard hold{lock_};
    const auto found = links_.find(descriptor);
    if (found == links_.end()) return false;
    link& which = found->second;
    if (which.from == link_origin::dialled || who.serial <= which.number) return false;
    if (which.who.serial == 0) which.who = who;
    return which.who.serial == who.serial && !is_closed(descriptor, which.duplicate);
}

bool link_table::is_accepted(int descriptor) {
    const std::lock_guard hold{lock_};
    const auto found = links_.find(descriptor);
    return found != links_.end() && found->second.from == link_origin::accepted;
}

std::vector<link_table::ended_link> link_table::end_links(std::span<const public_key> keys, bool unnamed) {
    const std::lock_guard hold{lock_};
    std::vector<ended_link> ended;
    const auto is_one = [&](const public_key& key) { return std::ranges::find(keys, key) != keys.end(); };
    for (auto& [descriptor, one] : links_) {
        const bool named = one.who.serial != 0;
        if (one.from == link_origin::dialled || one.now == stage::ended) continue;
        if (!(named ? is_one(one.who.key) : unnamed)) continue;
        const std::string address = peer_address(one.duplicate.get());
        end(one);
        ended.push_back({one.at->first, named ? "key " + one.who.key.text() + " at " + address
                                              : address + ", whose key cannot be told: the allowed come back"});
    }
    return ended;
}

void link_table::end_link(int descriptor, std::string_view reason) {
    const std::lock_guard hold{lock_};
    const auto found = links_.find(descriptor);
    if (found != links_.end() && found->second.now != stage::ended) end(found->second, reason);
}

void link_table::end_dialled(std::string_view endpoint, std::string_view reason) {
    const std::lock_guard hold{lock_};
    for (auto& [descriptor, one] : links_) {
        if (one.from == link_origin::dialled && one.now != stage::ended && one.at->first == endpoint) end(one, reason);
    }
}

bool link_table::any_joined(std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    return std::ranges::any_of(
        links_, [&](const auto& one) { return one.second.now == stage::joined && one.second.at->first == endpoint; });
}

std::string link_table::endpoint_of(int descriptor) {
    const std::lock_guard hold{lock_};
    const auto found = links_.find(descriptor);
    return found == links_.end() ? std::string{} : found->second.at->first;
}

std::vector<int> link_table::take_closed() {
    const std::lock_guard hold{lock_};
    return std::exchange(closed_, {});
}

std::vector<parting_link> link_table::part(std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    std::vector<parting_link> parting = take_out(endpoint);
    std::erase_if(places_, [&](const auto& one) { return endpoint.empty() || one.first == endpoint; });
    return parting;
}

std::vector<parting_link> link_table::part_links(std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    return take_out(endpoint);
}

std::vector<parting_link> link_table::take_out(std::string_view endpoint) {
    std::map<serial, parting_link> in_their_order;
    for (auto one = links_.begin(); one != links_.end();) {
        auto& [descriptor, which] = *one;
        if (!endpoint.empty() && which.at->first != endpoint) {
            ++one;
            continue;
        }
        if (which.now == stage::joined) peers_->left(which.peer_id, "closed by us");
        forget(descriptor, which);
        in_their_order.emplace(which.number, parting_link{descriptor, std::move(which.duplicate)});
        one = links_.erase(one);
    }
    std::vector<parting_link> parting;
    for (auto& [number, one] : in_their_order) parting.push_back(std::move(one));
    return parting;
}

}  // namespace godwit::detail
