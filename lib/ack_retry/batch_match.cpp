#include "ack_retry/batch_match.hpp"

#include <algorithm>
#include <utility>

#include "base/batch_format.hpp"

namespace godwit::detail {

namespace {

const batch_ref nothing;

std::uint32_t topic_count(const batch_view& batch) noexcept {
    const std::uint32_t end = batch.records_end();
    return end < batch.data().size() ? batch_format::load<std::uint32_t>(batch.data().data() + end) : 0;
}

std::uint16_t topic_of(const record_view& record) noexcept {
    return batch_format::load<std::uint16_t>(record.whole.data() + batch_format::record_topic_at);
}

}  // namespace

void batch_match::reset(batch_ref batch) {
    batch_ = std::move(batch);
    first_ = batch_.view.first();
    last_ = batch_.view.last();
    forget();
}

void batch_match::forget() {
    topics_.assign(topic_count(batch_.view) + 1, {});
    ids_.clear();
    cuts_.clear();
    verdicts_.clear();
    generation_ = table_->generation();
}

const batch_match::topic& batch_match::look(std::uint32_t number) {
    topic& one = topics_[number];
    if (one.known) return one;
    const auto text = number == 0 ? std::string_view{} : batch_.view.topic_at(static_cast<std::uint16_t>(number));
    one.plain = static_cast<std::uint32_t>(ids_.size());
    conditional_ids_.clear();
    table_->match(text, ids_, conditional_ids_);
    one.conditional = static_cast<std::uint32_t>(ids_.size());
    ids_.insert(ids_.end(), conditional_ids_.begin(), conditional_ids_.end());
    one.end = static_cast<std::uint32_t>(ids_.size());
    one.known = true;
    return one;
}

void batch_match::make_key(const link_filters& of, bool& all, bool& none) {
    const auto count = static_cast<std::uint32_t>(topics_.size());
    key_.assign((count + 63) / 64, 0);
    all = none = true;
    for (std::uint32_t number = 0; number < count; ++number) {
        const topic& one = look(number);
        bool whole = false;
        for (std::uint32_t i = one.plain; i < one.conditional && !whole; ++i) whole = of.contains(ids_[i]);
        if (whole) {
            key_[number / 64] |= std::uint64_t{1} << number % 64;
            none = false;
            continue;
        }
        all = false;
        for (std::uint32_t i = one.conditional; i < one.end; ++i) {
            if (!of.contains(ids_[i])) continue;
            key_.push_back(std::uint64_t{number} << 32 | ids_[i]);
            none = false;
        }
    }
}

bool batch_match::holds(filter_id which, const record_view& record, std::size_t ordinal) {
    auto& known = verdicts_[which];
    if (known.empty()) known.resize(batch_.view.count());
    if (known[ordinal] == verdict::unknown) known[ordinal] = table_->holds(which, record) ? verdict::yes : verdict::no;
    return known[ordinal] == verdict::yes;
}

bool batch_match::wanted(const record_view& record, std::size_t ordinal) {
    const std::uint32_t number = topic_of(record);
    if (key_[number / 64] >> number % 64 & 1) return true;
    const auto conditions = key_.begin() + static_cast<std::ptrdiff_t>((topics_.size() + 63) / 64);
    auto at = std::lower_bound(conditions, key_.end(), std::uint64_t{number} << 32, [](auto left, auto right) {
        return left >> 32 < right >> 32;  // a topic's are in the order of its filters, which is any
    });
    for (; at != key_.end() && *at >> 32 == number; ++at)
        if (holds(static_cast<filter_id>(*at), record, ordinal)) return true;
    return false;
}

batch_ref batch_match::make_cut() {
    ranges_.clear();
    std::size_t ordinal = 0, taken = 0;
    bool joins = false;  // the record before was taken too
    record_view record;
    for (auto position = batch_.view.begin_position(); batch_.view.next(position, record); ++ordinal) {
        const bool takes = wanted(record, ordinal);
        taken += takes ? 1 : 0;
        if (takes && joins) ranges_.back().last = record.at;
        if (takes && !joins) ranges_.push_back({record.at, record.at});
        joins = takes;
    }
    if (taken == ordinal) return batch_;
    return taken == 0 ? batch_ref{} : cut(batch_.view, ranges_);
}

const batch_ref& batch_match::pick(const link_filters& of) {
    if (generation_ != table_->generation()) forget();
    bool all = false, none = false;
    make_key(of, all, none);
    if (all) return batch_;
    if (none) return nothing;
    auto found = cuts_.find(key_);
    if (found == cuts_.end()) found = cuts_.emplace(key_, make_cut()).first;
    return found->second;
}

batch_ref batch_match::pick(const link_filters& of, offset from) {
    const batch_ref& whole = pick(of);
    if (whole.empty() || whole.view.first() >= from) return whole;
    const offset_range rest{from, last_};
    return cut(whole.view, {&rest, 1});
}

}  // namespace godwit::detail
