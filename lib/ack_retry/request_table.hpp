// request_table: what is known of each request that its caller has not heard of to the end. Offsets come in order, so most
// lie in a row; the few that last for long are moved aside, so that they pin none of the others. Threads: a value.
#pragma once
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include "ack_retry/ledger.hpp"
#include "ack_retry/link_session.hpp"
#include "base/held_batch.hpp"

namespace godwit::detail {

struct asked_request {
    enum class state : std::uint8_t { none, waiting, answered, ended };
    state now = state::none;
    bool idempotent = false;
    bool doubtful = false;  // some attempt may have been executed
    steady_time deadline = never;
    link_number formerly = 0;     // who may still answer, though it is another's now: its first session
    held_batch* reply = nullptr;  // answered: one reference of it,
    std::uint32_t position = 0;   // and where in it
    status why;                   // ended

    asked_request() = default;
    asked_request(asked_request&& other) noexcept { *this = std::move(other); }
    asked_request& operator=(asked_request&& other) noexcept {
        std::swap(now, other.now);
        idempotent = other.idempotent;
        doubtful = other.doubtful;
        deadline = other.deadline;
        formerly = other.formerly;
        std::swap(reply, other.reply);
        position = other.position;
        why = std::move(other.why);
        return *this;
    }
    ~asked_request() {
        if (reply != nullptr) release(reply);
    }
};

class request_table {
public:
    static constexpr std::size_t row_max = 65'536;

    explicit request_table(offset first) noexcept : base_{first} {}

    // Offsets rise. Throws std::bad_alloc.
    asked_request& add(offset at) {
        if (row_.empty()) base_ = at;
        while (base_ + row_.size() <= at) row_.emplace_back();
        asked_request& made = row_.back();
        made.now = asked_request::state::waiting;
        ++count_;
        if (row_.size() > row_max) set_aside();
        return made;
    }
    asked_request* find(offset at) noexcept {
        if (at >= base_ && at - base_ < row_.size()) {
            asked_request& found = row_[at - base_];
            return found.now == asked_request::state::none ? nullptr : &found;
        }
        const auto found = aside_.find(at);
        return found == aside_.end() ? nullptr : &found->second;
    }
    void remove(offset at) noexcept {
        const asked_request* const found = find(at);
        if (found == nullptr) return;
        --count_;
        if (found->now != asked_request::state::waiting) --untaken_;
        if (at < base_) {
            aside_.erase(at);
            return;
        }
        row_[at - base_] = {};
        trim();
    }
    std::size_t count() const noexcept { return count_; }
    // Of those whose outcome is there, and was not taken.
    void decided() noexcept { ++untaken_; }
    bool any_untaken() const noexcept { return untaken_ != 0; }

private:
    void trim() noexcept {
        while (!row_.empty() && row_.front().now == asked_request::state::none) {
            row_.pop_front();
            ++base_;
        }
    }
    void set_aside() {
        aside_.emplace(base_, std::move(row_.front()));
        row_.pop_front();
        ++base_;
        trim();
    }

    std::deque<asked_request> row_;
    offset base_;
    std::unordered_map<offset, asked_request> aside_;
    std::size_t count_ = 0, untaken_ = 0;
};

}  // namespace godwit::detail
