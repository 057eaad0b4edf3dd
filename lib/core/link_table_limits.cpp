// What strangers may cost before they are peers: how many wait, for want of descriptors, and what they may send.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/link_table.hpp"
#include "core/peer_address.hpp"
#include "core/received_bytes.hpp"

namespace godwit::detail {

namespace {

// A ZMTP 3 handshake's greeting, and the shortest READY: a command with a Socket-Type of three letters.
constexpr std::uint64_t shortest_handshake_bytes = 64 + 27;

// A failure to accept that giving up a descriptor does not end, so many times in a row, is told.
constexpr unsigned vain_failures_told = 8;

bool may_have_shaken(const unique_fd& duplicate) {
    const auto bytes = received_bytes(duplicate.get());
    return !bytes || *bytes >= shortest_handshake_bytes;
}

}  // namespace

void link_table::tell(event_kind kind, seldom& row, std::string_view endpoint, std::string_view detail) {
    if (!row.happens()) return peers_->count(kind);
    peers_->report(kind, endpoint, std::string{detail} + " (" + std::to_string(row.times()) + " so far)");
}

// Of those that wait, the oldest that cannot have shaken hands; else the oldest. Whom we dialled is passed over.
void link_table::make_room() {
    constexpr int looked_at_max = 64;
    auto victim = links_.end();
    int looked_at = 0;
    for (const auto& [number, descriptor] : waiting_) {
        const auto one = links_.find(descriptor);
        if (one->second.from == link_origin::dialled) continue;
        if (victim == links_.end()) victim = one;
        if (!may_have_shaken(one->second.duplicate)) {
            victim = one;
            break;
        }
        if (++looked_at == looked_at_max) break;
    }
    if (victim == links_.end()) return;
    tell(event_kind::over_limit, made_room_, victim->second.at->first,
         "handshakes_max = " + std::to_string(limits_.handshakes) + ": the oldest without a handshake made room");
    end(victim->second);
}

// A plain rep that dials us waits for requests, as we wait for its greeting. Who has said something is known by it.
link_table::clock::time_point link_table::name_silent(clock::duration patience) {
    const std::lock_guard hold{lock_};
    const auto now = clock::now();
    auto next = clock::time_point::max();
    for (const auto& [number, descriptor] : joined_) {
        link& which = links_.find(descriptor)->second;
        if (which.named || which.from == link_origin::dialled || which.who.serial != 0) continue;
        if (which.since + patience > now) {
            next = std::min(next, which.since + patience);
            continue;
        }
        which.named = true;
        tell(event_kind::mismatch_suspected, silent_, which.at->first,
             "no greeting from " + peer_address(which.duplicate.get()) + ": most likely a plain ZeroMQ peer");
    }
    return next;
}

// With the descriptor given up the connection that waits can be taken, to be ended, which is what is told. libzmq says so
// again and again, and much of it comes when all is over.
void link_table::accept_failed(std::string_view endpoint, int number) {
    const bool for_want = reserve_ != nullptr && (number == EMFILE || number == ENFILE);
    if (for_want && !reserve_->complete()) return;
    const std::lock_guard hold{lock_};
    if (for_want) {
        reserve_->give_up();
        if (++vain_failures_ != vain_failures_told) return;
    }
    tell(event_kind::accept_failed, refused_descriptors_, endpoint, std::strerror(number));
}

void link_table::shaken(std::string_view endpoint) {
    const std::lock_guard hold{lock_};
    const auto at = places_.find(endpoint);
    if (at == places_.end()) return;
    at->second.closes = 0;
    at->second.reason_given = false;
    if (const auto which = likely_shaken(at->second)) join(*which);
}

// Of several that may have, all but the one that is taken come under doubt: one of them may be the one.
std::optional<int> link_table::likely_shaken(place& at) {
    std::optional<int> likely;
    bool doubtful = false;
    for (const auto& [number, descriptor] : at.waiting) {
        link& one = links_.find(descriptor)->second;
        if (!may_have_shaken(one.duplicate)) continue;
        if (!likely) {
            likely = descriptor;
        } else {
            one.doubtful = doubtful = true;
        }
    }
    if (doubtful) at.doubts.push_back(clock::now());
    if (!likely && !at.waiting.empty()) likely = at.waiting.begin()->second;
    return likely;
}

link_table::talkers link_table::talking_unshaken() {
    const std::lock_guard hold{lock_};
    talkers found;
    for (const auto& [number, descriptor] : waiting_) {
        const link& one = links_.find(descriptor)->second;
        if (one.from == link_origin::dialled) continue;
        const auto taken = taken_bytes(one.duplicate.get());
        if (!taken) continue;
        found.any_tcp = true;
        if (*taken > unshaken_bytes_max && !one.pardoned) found.beyond.push_back(number);
    }
    return found;
}

void link_table::end_unshaken(std::span<const std::uint64_t> beyond) {
    const std::lock_guard hold{lock_};
    for (const serial number : beyond) {
        const auto waits = waiting_.find(number);
        if (waits == waiting_.end()) continue;  // its handshake was told of meanwhile
        link& one = links_.find(waits->second)->second;
        if ((one.pardoned = one.doubtful && take_doubt(one.at->second))) continue;
        tell(event_kind::over_limit, talked_, one.at->first,
             "more than " + std::to_string(unshaken_bytes_max) + " bytes without a handshake");
        end(one);
    }
}

// There are no more that shook hands unseen than guesses that may have been wrong, none older than a handshake lasts.
bool link_table::take_doubt(place& at) {
    std::erase_if(at.doubts, [&](const auto when) { return clock::now() - when > patience(); });
    if (at.doubts.empty()) return false;
    at.doubts.pop_back();
    return true;
}

}  // namespace godwit::detail
