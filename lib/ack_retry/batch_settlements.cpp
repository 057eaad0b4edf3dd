#include "ack_retry/batch_settlements.hpp"

#include <algorithm>

namespace godwit::detail {

namespace {

constexpr std::size_t why_bytes_max = 1024;

}  // namespace

void batch_settlements::begin(offset first) noexcept {
    first_ = run_told_ = run_end_ = first;
    count_ = untold_ = 0;
    apart_.clear();
    apart_acks_.clear();
    others_.clear();
}

bool batch_settlements::ack_apart(offset at) {
    if (contains(at)) return false;
    apart_acks_.add(at);
    try {
        apart_.add(at);
    } catch (...) {
        apart_acks_.remove(at);  // it was added alone or at an end: this needs no memory
        throw;
    }
    ++count_;
    ++untold_;
    return true;
}

bool batch_settlements::settle(offset at, how outcome, std::uint32_t delay_ms, std::string_view why) {
    if (outcome == how::acked) return ack(at);
    if (contains(at)) return false;
    why = why.substr(0, why_bytes_max);
    ack_frame::settled* const last = others_.empty() ? nullptr : &others_.back();
    if (last != nullptr && last->what.last + 1 == at && last->outcome == outcome && last->delay_ms == delay_ms &&
        last->why == why) {
        apart_.add(at);
        last->what.last = at;
    } else {
        others_.push_back({{}, {at, at}, 1, outcome, delay_ms, std::string{why}});
        try {
            apart_.add(at);
        } catch (...) {
            others_.pop_back();
            throw;
        }
    }
    ++count_;
    ++untold_;
    return true;
}

bool batch_settlements::pass_over(offset at) {
    if (contains(at)) return false;
    apart_.add(at);
    ++count_;
    return true;
}

bool batch_settlements::untold(offset at) const noexcept {
    if (run_told_ <= at && at < run_end_) return true;
    if (apart_acks_.contains(at)) return true;
    return std::any_of(others_.begin(), others_.end(), [&](const auto& one) { return one.what.contains(at); });
}

void batch_settlements::tell(stream_id stream, std::uint32_t attempt, std::vector<ack_frame::settled>& into) {
    if (untold_ == 0) return;
    const bool run = run_told_ < run_end_;
    into.reserve(into.size() + (run ? 1 : 0) + apart_acks_.ranges().size() + others_.size());
    if (run) into.push_back({stream, {run_told_, run_end_ - 1}, attempt, how::acked, 0, {}});
    for (const auto& range : apart_acks_.ranges()) into.push_back({stream, range, attempt, how::acked, 0, {}});
    for (auto& other : others_) {
        other.stream = stream;
        other.attempt = attempt;
        into.push_back(std::move(other));
    }
    run_told_ = run_end_;
    apart_acks_.clear();
    others_.clear();
    untold_ = 0;
}

}  // namespace godwit::detail
