// push_pull_checker: knows what was promised, is told what happens, and says what does not fit: the first breach, in words.
// It is told by the application's side (accepted, handed, acked, settled) and by the wire (sent, granted), and knows
// nothing of how the protocol works. Threads: one.
#pragma once
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/held_batch.hpp"
#include "godwit/reliability.hpp"
#include "sim/network.hpp"
#include "sim/push_pull_options.hpp"

namespace godwit::detail {

struct checked_record {
    std::uint32_t sender = 0, key = 0;
    std::uint64_t incarnation = 0;
    offset at = 0;
    std::uint8_t priority = priority_default;
    std::chrono::milliseconds delay{}, ttl{};  // 0: none
    steady_time accepted{};
    std::uint32_t sent_attempt = 0, times_sent = 0, times_handed = 0;
    std::uint64_t acked = 0;  // attempts that a handler acked, as bits; the last one for all from 63 on
    bool confirmed = false, settled = false, rejected = false, orphan = false;
    bool answered = false;  // what was sent last
    outcome fate{};
};

class push_pull_checker {
public:
    push_pull_checker(const push_pull_options& options, const sim_schedule& schedule)
        : options_{options}, schedule_{schedule}, incarnations_(options.senders + options.receivers) {}

    bool ok() const noexcept { return breach_.empty(); }
    const std::string& breach() const noexcept { return breach_; }
    void fail(std::string what) {
        if (breach_.empty()) breach_ = std::move(what);
    }

    // The application's side. A record's number stands in its body.
    std::uint64_t begin(checked_record what);  // before send()
    void accepted(std::uint64_t number, offset at);
    bool handed(std::uint32_t receiver, const delivery& what, std::uint64_t& number);
    void handled(std::uint32_t receiver, std::uint64_t number, std::uint32_t attempt, verdict what);
    // The handler that had it as the delivery of that number has had its time.
    void overdue(std::uint32_t receiver, std::uint64_t number, std::uint64_t of_delivery, bool after_extension = false);
    void settled(std::uint32_t sender, const settled_record& what);
    void restarted(std::uint32_t node);  // senders first, then receivers
    void link_ended() noexcept { links_ended_ = true; }

    // The wire. `peer`: as the sender knows the receiver.
    void sent(std::uint32_t sender, std::uint32_t receiver, peer_number peer, std::uint32_t attempt,
              const batch_view& batch);
    void session(std::uint32_t sender, peer_number peer);  // begins anew
    void tag(std::uint32_t sender, peer_number peer, std::uint64_t tag) { roads_[{sender, peer}].tag = tag; }
    bool fenced(std::uint32_t sender, peer_number peer, std::uint64_t tag) { return roads_[{sender, peer}].tag != tag; }
    void granted(std::uint32_t sender, peer_number peer, std::uint32_t messages, std::uint64_t bytes);
    void answered(std::uint32_t sender, peer_number peer, offset_range what);

    std::uint64_t open_of(std::uint32_t sender) const;  // accepted and not settled
    const std::vector<checked_record>& records() const noexcept { return records_; }
    std::uint64_t confirmed = 0, deliveries = 0, duplicates = 0, acked = 0, dead = 0;

private:
    struct in_hand {
        std::uint32_t attempt = 0, sent = 0;  // handed out, and sent to it last
        bool open = false, acked = false, overdue = false, extended = false;
        std::uint64_t delivery = 0;  // which one
        steady_time overdue_since{};
    };
    struct incarnation {
        std::unordered_map<offset, std::uint64_t> numbers;  // a sender's
        std::unordered_map<std::uint64_t, in_hand> hands;   // a receiver's
        std::map<std::uint32_t, offset> fresh;              // by sender: the last that was handed out
        std::uint64_t which = 0;
        // A sender's: by priority, what may go and never went; and how many batches ago a lower one went first.
        std::map<std::uint8_t, std::set<offset>> ready;
        offset highest_sent = 0;
        std::uint64_t since_inversion = UINT64_MAX / 2;
    };
    struct road {  // from a sender to a peer
        std::map<offset, std::size_t> in_flight;
        std::uint64_t bytes = 0, window_bytes = 0, largest = 0;  // largest: of the batches
        std::uint64_t tag = 0;                                   // the sender's, of the session
        std::uint32_t window_messages = 0;
        offset fresh = 0;
        bool any_fresh = false, known = false;
    };
    std::string words(std::uint64_t number) const;
    bool plain(const checked_record& record) const noexcept;  // goes out in the order in which it was accepted
    void check_key(const checked_record& record, std::uint64_t number);
    void check_priority(const checked_record& record, std::uint64_t number, bool again);

    const push_pull_options& options_;
    const sim_schedule& schedule_;
    std::vector<checked_record> records_;
    std::vector<incarnation> incarnations_;
    std::map<std::pair<std::uint32_t, peer_number>, road> roads_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint64_t>> by_key_;  // sender, key
    std::string breach_;
    bool links_ended_ = false;
};

// A record's body: its number, and bytes that follow from it.
std::string body_of(std::uint64_t number, std::size_t size);
std::optional<std::uint64_t> number_in(std::string_view body);

}  // namespace godwit::detail
