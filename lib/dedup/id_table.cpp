#include "dedup/id_table.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace godwit::detail {

result<claim_answer> id_table::claim(const chosen_id& what, id_time now) {
    expire(now);
    if (const auto held = in_hand_.find(what.id); held != in_hand_.end()) {
        if (what.differs_from(held->second)) return ++counted_.conflicts, claim_answer{claimed::conflict};
        return ++counted_.joined, claim_answer{claimed::in_hand};
    }
    if (const auto known = find_.find(what.id); known != find_.end()) {
        if (what.differs_from(known->second->digest)) return ++counted_.conflicts, claim_answer{claimed::conflict};
        return ++counted_.duplicates, claim_answer{claimed::done, known->second->reply};
    }
    if (what.made && *what.made < known_since_) return ++counted_.too_old, claim_answer{claimed::too_old};
    const std::uint64_t wanted = bytes_each + what.id.size();
    while (!done_.empty() && (count() >= window_.ids_max || bytes_ + wanted > window_.bytes_max)) forget_first();
    if (count() >= window_.ids_max || bytes_ + wanted > window_.bytes_max)
        return error{errc::full, std::to_string(in_hand_.size()) + " ids in hand", "settle some, or raise the limits"};
    in_hand_.emplace(what.id, what.content_digest());
    bytes_ += wanted;
    return claim_answer{};
}

std::optional<id_table::done_id> id_table::to_mark(std::string_view id, std::optional<std::string_view> reply,
                                                   id_time now) const {
    const auto held = in_hand_.find(std::string{id});
    if (held == in_hand_.end()) return std::nullopt;
    done_id one{held->first, held->second, now};
    if (reply) one.reply.emplace(*reply);
    return one;
}

// It leaves the hand last: what throws before leaves it there.
void id_table::mark(done_id&& one) {
    const auto held = in_hand_.find(one.id);
    add(std::move(one));
    if (held != in_hand_.end()) {
        bytes_ -= bytes_each + held->first.size();
        in_hand_.erase(held);
    }
    keep_limits();
}

bool id_table::release(std::string_view id) {
    if (in_hand_.erase(std::string{id}) == 0) return false;
    bytes_ -= bytes_each + id.size();
    return true;
}

void id_table::restore(done_id&& one) {
    add(std::move(one));
    keep_limits();
}

// An id that left the window, and was marked again, is what it was marked as last.
void id_table::add(done_id&& one) {
    if (const auto old = find_.find(one.id); old != find_.end()) take_out(old->second);
    done_.push_back(std::move(one));
    const place last = std::prev(done_.end());
    try {
        find_.emplace(last->id, last);
    } catch (...) {
        done_.pop_back();
        throw;
    }
    bytes_ += bytes_of(*last);
    if (last->reply) {
        reply_bytes_ += last->reply->size();
        if (first_reply_ == done_.end()) first_reply_ = last;
    }
}

void id_table::take_out(place one) {
    bytes_ -= bytes_of(*one);
    if (one->reply) reply_bytes_ -= one->reply->size();
    if (first_reply_ == one) {
        do {
            ++first_reply_;
        } while (first_reply_ != done_.end() && !first_reply_->reply);
    }
    find_.erase(one->id);
    done_.erase(one);
}

// The last one stays, whatever it takes: it was just marked.
void id_table::keep_limits() {
    while (reply_bytes_ > replies_bytes_max_ && first_reply_ != done_.end()) drop_reply(*first_reply_);
    while (done_.size() > 1 && (count() > window_.ids_max || bytes_ > window_.bytes_max)) forget_first();
}

void id_table::drop_reply(done_id& of) {
    reply_bytes_ -= of.reply->size();
    bytes_ -= of.reply->size();
    of.reply.reset();
    ++counted_.replies_gone;
    while (first_reply_ != done_.end() && !first_reply_->reply) ++first_reply_;
}

// What was made before it was marked may be among what is forgotten.
void id_table::forget_first() {
    known_since_ = std::max(known_since_, done_.front().marked + std::chrono::milliseconds{1});
    take_out(done_.begin());
    ++counted_.forgotten;
}

void id_table::expire(id_time now) {
    while (!done_.empty() && now - done_.front().marked > window_.age_max) forget_first();
}

id_store_stats id_table::stats() const {
    id_store_stats now = counted_;
    now.ids = done_.size();
    now.in_hand = in_hand_.size();
    now.bytes = bytes_;
    return now;
}

}  // namespace godwit::detail
