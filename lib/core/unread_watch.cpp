#include "core/unread_watch.hpp"

#include <algorithm>

#include "core/received_bytes.hpp"

namespace godwit::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds pause_min = 20ms, pause_max = 320ms;
constexpr std::size_t links_a_step = 1024;
constexpr std::uint64_t commands_a_round = 64;  // ZMTP's heartbeats are no messages

}  // namespace

unread_watch::clock::time_point unread_watch::step(clock::time_point now, std::uint64_t received_bytes_now,
                                                   const std::function<void()>& tend) {
    if (now < due_ && due_ != clock::time_point::max()) return due_;
    if (next_ == 0) {
        ++round_;
        any_tcp_ = moved_ = false;
    }
    next_ = links_->each_joined(next_, links_a_step, [&](std::uint64_t serial, int descriptor, int duplicate) {
        if (const auto taken = taken_bytes(duplicate)) look_at(serial, descriptor, *taken);
    });
    if (next_ != 0) return due_ = now + 1ms;
    // What was looked at in the round before was drained if something was drained since.
    if (asks() && drains_.load(std::memory_order_relaxed) == drains_before_) tend();
    const auto drains = drains_.load(std::memory_order_relaxed);
    const bool was_drained = drains != drains_before_ || !limits_.reads;
    drains_before_ = drains;
    follow_sum(received_bytes_now, was_drained);
    judge_all(was_drained);
    pause_ = moved_ ? pause_min : std::clamp<clock::duration>(pause_ * 2, pause_min, pause_max);
    return due_ = any_tcp_ ? now + pause_ : clock::time_point::max();
}

void unread_watch::look_at(std::uint64_t serial, int descriptor, std::uint64_t bytes) {
    const std::lock_guard hold{lock_};
    link& one = seen_[descriptor];
    if (one.serial != serial) {
        if (one.asked != 0) --unheard_;
        one = {serial, bytes, bytes, bytes, 0, bytes, 0, round_};
    }
    any_tcp_ = true;
    moved_ = moved_ || bytes != one.bytes;
    one.clean = std::min(bytes, one.clean + commands_a_round);
    if (one.asked != 0) one.asked = std::min(bytes, one.asked + commands_a_round);
    total_ += bytes - std::min(bytes, one.bytes);
    one.earlier = one.bytes;
    one.bytes = bytes;
    one.round = round_;
}

// While all that was received is not much less than all that came, no link can hold much.
void unread_watch::follow_sum(std::uint64_t received, bool was_drained) {
    const auto came = static_cast<std::int64_t>(total_ - total_before_);
    const auto went = static_cast<std::int64_t>(received - received_before_);
    undelivered_ = was_drained ? came : std::max<std::int64_t>(0, undelivered_ + came - went);
    total_before_ = total_;
    received_before_ = received;
    const bool too_much = undelivered_ > static_cast<std::int64_t>(limits_.unread_bytes / 2);
    const std::lock_guard hold{lock_};
    if (too_much == hoarding_) return;
    hoarding_ = too_much;
    for (auto& [descriptor, one] : seen_) {
        one.hoarding = one.bytes;
        one.came = 0;
    }
}

void unread_watch::suspect(link& which) {
    which.asked = std::max<std::uint64_t>(which.bytes, 1);
    ++unheard_;
}

void unread_watch::judge_all(bool was_drained) {
    std::vector<int> unfinished, hoarded;
    {
        const std::lock_guard hold{lock_};
        for (auto at = seen_.begin(); at != seen_.end();) {
            auto& [descriptor, one] = *at;
            if (one.round != round_) {  // gone
                if (one.asked != 0) --unheard_;
                at = seen_.erase(at);
                continue;
            }
            ++at;
            if (one.asked != 0) {
                if (was_drained && one.earlier > one.asked && one.earlier - one.asked > limits_.message_bytes) {
                    unfinished.push_back(descriptor);
                }
            } else if (one.bytes - one.clean > limits_.message_bytes / 2 && one.bytes != one.earlier) {
                suspect(one);
            }
            if (hoarding_ && one.bytes - one.hoarding > one.came + limits_.unread_bytes / 2) {
                hoarded.push_back(descriptor);
            }
        }
        asks_.store(unheard_ > 0 || hoarding_, std::memory_order_relaxed);
    }
    for (const int one : unfinished) {
        links_->end(one, "a message of more than " + std::to_string(limits_.message_bytes) + " bytes, unfinished");
    }
    for (const int one : hoarded) links_->end(one, "unread_bytes_max = " + std::to_string(limits_.unread_bytes));
}

void unread_watch::came(int descriptor, std::size_t bytes) {
    const std::lock_guard hold{lock_};
    const auto found = seen_.find(descriptor);
    if (found == seen_.end()) return;
    link& one = found->second;
    one.came += bytes;
    one.clean = one.bytes;
    if (one.asked == 0) return;
    one.asked = 0;
    if (--unheard_ == 0 && !hoarding_) asks_.store(false, std::memory_order_relaxed);
}

}  // namespace godwit::detail
