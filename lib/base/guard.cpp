#include "base/guard.hpp"

#include <algorithm>
#include <string>

namespace godwit::detail {

namespace {

constexpr std::string_view too_old = "too_old: its sender had said that it is settled";

}  // namespace

producer_memory* guard::find(stream_id stream) noexcept {
    if (last_ != nullptr && last_stream_ == stream) return last_;
    const auto found = producers_.find(stream);
    if (found == producers_.end()) return nullptr;
    last_stream_ = stream;
    return last_ = &found->second;
}

producer_memory& guard::producer(stream_id stream) {
    if (producer_memory* const known = find(stream)) return *known;
    return producers_[stream];
}

// Of those that have left nothing open, one in a hundred, so that it is seldom asked: who has not come for longest.
bool guard::make_room(std::vector<stream_id>& forgotten) {
    std::vector<std::pair<std::uint64_t, stream_id>> idle;
    for (const auto& [stream, one] : producers_) {
        if (!one.is_open()) idle.emplace_back(one.met, stream);
    }
    if (idle.empty()) return false;
    const std::size_t count = std::min(idle.size(), std::max<std::size_t>(1, producers_max_ / 100));
    std::nth_element(idle.begin(), idle.begin() + static_cast<std::ptrdiff_t>(count - 1), idle.end());
    last_ = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
        producers_.erase(idle[i].second);
        forgotten.push_back(idle[i].second);
        ++counted_.forgotten;
    }
    return true;
}

result<bool> guard::meet(const sender_greeting& said, std::vector<stream_id>& forgotten) {
    if (find(said.stream) == nullptr && producers_.size() >= producers_max_ && !make_room(forgotten))
        return error{errc::full, std::to_string(producers_max_) + " streams", "raise producers_max"};
    producer_memory& of = producer(said.stream);
    const auto met = of.meet(said);
    if (met) {
        of.met = ++greetings_;
    } else {
        ++(met.failed(errc::fenced) ? counted_.fenced : counted_.conflicts);
    }
    return met;
}

void guard::floor_moved(stream_id stream, offset to) {
    if (producer_memory* const of = find(stream)) of->settled_below(to);
}

bool guard::pass_whole(stream_id stream, offset_range what) {
    producer_memory& of = producer(stream);
    if (!of.is_beyond(what)) return false;
    of.take(what);
    return true;
}

void guard::offer(std::span<offered_record> records) {
    using verdict_of = offered_record::verdict;
    for (offered_record& one : records) {
        producer_memory& of = producer(one.stream);
        switch (of.look(one.at)) {
            case producer_memory::answer::fresh:
                of.take({one.at, one.at});
                break;
            case producer_memory::answer::in_hand:
                one.what = verdict_of::hold;
                ++counted_.joined;
                break;
            case producer_memory::answer::done:
                one.what = verdict_of::done;
                ++counted_.duplicates;
                break;
            case producer_memory::answer::settled:
                one.what = verdict_of::refuse;
                one.why = too_old;
                ++counted_.too_old;
                break;
        }
    }
}

void guard::let_go(stream_id stream, offset_range what) noexcept {
    if (producer_memory* const of = find(stream)) of->let_go(what);
}

bool guard::mark(const handled_range& what) { return producer(what.stream).mark(what.what); }

handled_counts guard::stats() const {
    handled_counts now = counted_;
    now.producers = producers_.size();
    for (const auto& [stream, one] : producers_) {
        now.open_ranges += one.done().ranges().size();
        now.in_hand += one.in_hand().count();
    }
    return now;
}

}  // namespace godwit::detail
