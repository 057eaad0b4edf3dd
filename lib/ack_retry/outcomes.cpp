#include "ack_retry/outcomes.hpp"

namespace godwit::detail {

outcome outcome_of(dead_reason why) noexcept {
    switch (why) {
        case dead_reason::attempts:
            return outcome::dead;
        case dead_reason::expired:
            return outcome::expired;
        case dead_reason::refused:
            return outcome::refused;
    }
    return outcome::unknown;
}

void outcomes::ended(offset at, outcome how) {
    collect({at, at}, how);
    if (kept_.insert_or_assign(at, how).second) order_.push_back(at);
    while (order_.size() > kept_max) {
        kept_.erase(order_.front());
        order_.pop_front();
    }
}

outcome outcomes::of_settled(offset at) const noexcept {
    const auto found = kept_.find(at);
    return found == kept_.end() ? outcome::processed : found->second;
}

void outcomes::collect(offset_range what, outcome how) {
    if (!collects_) return;
    if (!collected_.empty() && collected_.back().how == how && collected_.back().what.last + 1 == what.first) {
        collected_.back().what.last = what.last;
        return;
    }
    if (collected_.size() == collected_max) collected_.pop_front();
    collected_.push_back({what, how});
}

std::vector<settled_record> outcomes::take(std::size_t at_most) {
    collects_ = true;
    std::vector<settled_record> taken;
    while (taken.size() < at_most && !collected_.empty()) {
        settled_range& next = collected_.front();
        taken.push_back({next.what.first, next.how});
        if (next.what.first++ == next.what.last) collected_.pop_front();
    }
    return taken;
}

}  // namespace godwit::detail
