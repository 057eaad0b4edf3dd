#include "core/link_table.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/peer_address.hpp"

namespace godwit::detail {

bool parting_link::closed_by_libzmq() const noexcept {
    struct stat theirs {
    }, ours{};
    if (!duplicate || ::fstat(duplicate.get(), &ours) != 0 || ::fstat(original, &theirs) != 0) return true;
    return theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev;
}

bool parting_link::drained() const noexcept {
    if (!duplicate) return true;
    pollfd hung_up{duplicate.get(), 0, 0};
    if (::poll(&hung_up, 1, 0) > 0 && (hung_up.revents & (POLLHUP | POLLERR)) != 0) return true;
    int unsent = 0;
    return ::ioctl(duplicate.get(), SIOCOUTQ, &unsent) != 0 || unsent == 0;
}

void link_table::opened(int descriptor, std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    std::erase_if(links_, [&](const link& old) {
        if (old.descriptor != descriptor) return false;
        if (old.joined) peers_->left(old.peer_id, "connection closed");
        return true;
    });
    links_.push_back({descriptor, unique_fd{::fcntl(descriptor, F_DUPFD_CLOEXEC, 3)}, std::string{endpoint},
                      clock::now(), false, 0});
}

void link_table::join(link& which) {
    which.joined = true;
    which.peer_id = peers_->joined(which.endpoint, peer_address(which.duplicate.get()));
}

void link_table::shaken(std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    std::erase_if(suspicions_, [&](const suspicion& of) { return of.endpoint == endpoint; });
    const auto oldest = std::find_if(links_.begin(), links_.end(),
                                     [&](const link& one) { return !one.joined && one.endpoint == endpoint; });
    if (oldest != links_.end()) join(*oldest);
}

void link_table::refused(std::string_view endpoint, std::string_view reason) {
    const std::lock_guard hold{lock_};
    suspicion_of(endpoint).reason_given = true;
    peers_->report(event_kind::handshake_refused, endpoint, reason);
}

bool link_table::closed(int descriptor, std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    const auto found =
        std::find_if(links_.begin(), links_.end(), [&](const link& one) { return one.descriptor == descriptor; });
    if (found == links_.end()) return true;
    const link gone = std::move(*found);
    links_.erase(found);
    if (tells_closed_) closed_.push_back(descriptor);
    if (gone.joined) {
        peers_->left(gone.peer_id, "connection closed");
    } else {
        count_silent_close(endpoint);
    }
    return gone.joined;
}

link_table::suspicion& link_table::suspicion_of(std::string_view endpoint) {
    for (suspicion& of : suspicions_) {
        if (of.endpoint == endpoint) return of;
    }
    return suspicions_.emplace_back(suspicion{std::string{endpoint}, 0, false});
}

void link_table::count_silent_close(std::string_view endpoint) {
    suspicion& of = suspicion_of(endpoint);
    if (std::exchange(of.reason_given, false)) return;
    // One close may be a scanner or a restart; two in a row are a pattern. Told at 2, 4, 8, …
    ++of.closes;
    if (of.closes >= 2 && (of.closes & (of.closes - 1)) == 0) {
        peers_->report(event_kind::mismatch_suspected, endpoint,
                       std::to_string(of.closes) +
                           " connections in a row closed without a handshake: is the other "
                           "side's pattern the counterpart of ours?");
    }
}

link_table::clock::time_point link_table::settle_overdue() {
    const std::lock_guard hold{lock_};
    const auto grace = handshake_max_ + std::chrono::milliseconds{500};
    const auto now = clock::now();
    auto next = clock::time_point::max();
    for (link& one : links_) {
        if (one.joined) continue;
        if (one.since + grace <= now) {
            join(one);
        } else {
            next = std::min(next, one.since + grace);
        }
    }
    return next;
}

std::vector<int> link_table::take_closed() {
    const std::lock_guard hold{lock_};
    return std::exchange(closed_, {});
}

std::vector<parting_link> link_table::part(std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    std::vector<parting_link> parting;
    std::erase_if(suspicions_, [&](const suspicion& of) { return endpoint.empty() || of.endpoint == endpoint; });
    std::erase_if(links_, [&](link& one) {
        if (!endpoint.empty() && one.endpoint != endpoint) return false;
        if (one.joined) peers_->left(one.peer_id, "closed by us");
        if (tells_closed_) closed_.push_back(one.descriptor);
        parting.push_back({one.descriptor, std::move(one.duplicate)});
        return true;
    });
    return parting;
}

}  // namespace godwit::detail
