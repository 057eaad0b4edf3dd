#include "ack_retry/filter_table.hpp"

#include <algorithm>
#include <utility>

namespace godwit::detail {

result<filter_id> filter_table::add(std::string_view text) {
    if (const auto found = by_text_.find(text); found != by_text_.end()) {
        ++entries_[found->second].copies;
        return found->second;
    }
    auto parsed = topic_filter::parse(text);
    if (!parsed) return parsed.error();
    if (free_.empty()) {
        entries_.emplace_back();
        free_.reserve(entries_.size());  // so that letting go needs no memory
        free_.push_back(static_cast<filter_id>(entries_.size() - 1));
    }
    const filter_id made = free_.back();
    const std::string_view lead = parsed->lead();
    auto& same_lead = by_lead_.try_emplace(std::string{lead}).first->second;
    if (same_lead.size() == same_lead.capacity()) same_lead.reserve(2 * same_lead.size() + 1);
    const auto place = by_text_.emplace(text, made).first;
    try {
        leads_.add(lead);
    } catch (...) {
        by_text_.erase(place);
        throw;
    }
    same_lead.push_back(made);
    free_.pop_back();
    entries_[made] = {std::move(*parsed), 1, place};
    ++generation_;
    return made;
}

void filter_table::release(filter_id which) noexcept {
    entry& from = entries_[which];
    if (--from.copies > 0) return;
    const auto same_lead = by_lead_.find(from.filter.lead());
    std::erase(same_lead->second, which);
    if (same_lead->second.empty()) by_lead_.erase(same_lead);
    leads_.remove(from.filter.lead());
    by_text_.erase(from.text);
    from = {};
    free_.push_back(which);
    ++generation_;
}

bool filter_table::find(std::string_view text, filter_id& out) const noexcept {
    const auto found = by_text_.find(text);
    if (found == by_text_.end()) return false;
    out = found->second;
    return true;
}

template <class F>
void filter_table::for_each_match(std::string_view topic, F&& f) {
    lengths_.clear();
    leads_.matching(topic, lengths_);
    for (const std::size_t length : lengths_) {
        for (const filter_id each : by_lead_.find(topic.substr(0, length))->second) {
            ++evaluations_;
            if (entries_[each].filter.matches(topic) && !f(each)) return;
        }
    }
}

void filter_table::match(std::string_view topic, std::vector<filter_id>& plain, std::vector<filter_id>& conditional) {
    for_each_match(topic, [&](filter_id each) {
        (entries_[each].filter.has_predicates() ? conditional : plain).push_back(each);
        return true;
    });
}

bool filter_table::wants(std::string_view topic) {
    bool found = false;
    for_each_match(topic, [&](filter_id) { return !(found = true); });
    return found;
}

bool filter_table::wants(std::string_view topic, const std::unordered_set<filter_id>& among) {
    bool found = false;
    for_each_match(topic, [&](filter_id each) { return !(found = among.contains(each)); });
    return found;
}

bool filter_table::holds(filter_id which, const record_view& record) noexcept {
    ++evaluations_;
    return entries_[which].filter.holds(record);
}

link_filters::link_filters(link_filters&& other) noexcept
    : table_{other.table_}, ids_{std::move(other.ids_)}, bytes_{std::exchange(other.bytes_, 0)} {
    other.ids_.clear();
}

status link_filters::add(std::string_view text) {
    filter_id id = 0;
    if (table_->find(text, id) && ids_.contains(id)) return {};
    if (ids_.size() == count_max || bytes_ + text.size() > bytes_max)
        return error{errc::too_large, text, "a link has at most 20,000 filters, and 1 MiB of them"};
    const auto added = table_->add(text);
    if (!added) return added.error();
    try {
        ids_.insert(*added);
    } catch (...) {
        table_->release(*added);
        throw;
    }
    bytes_ += text.size();
    return {};
}

bool link_filters::remove(std::string_view text) noexcept {
    filter_id id = 0;
    if (!table_->find(text, id) || ids_.erase(id) == 0) return false;
    bytes_ -= text.size();
    table_->release(id);
    return true;
}

void link_filters::clear() noexcept {
    for (const filter_id each : ids_) table_->release(each);
    ids_.clear();
    bytes_ = 0;
}

bool link_filters::wants(std::string_view topic) const { return table_->wants(topic, ids_); }

}  // namespace godwit::detail
