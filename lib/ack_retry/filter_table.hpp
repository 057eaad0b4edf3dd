// filter_table: all different filters of a publisher's subscribers, each once, however many links ask for it; and what one
// link asks for. A topic is tried only on filters with whose literal beginning it begins: that these are many costs little.
// Threads: inside a turn.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "ack_retry/topic_filter.hpp"
#include "base/prefix_set.hpp"

namespace godwit::detail {

using filter_id = std::uint32_t;  // given again after the filter's last copy was let go: see generation()

class GODWIT_EXPORT filter_table {
public:
    // One copy more. Fails as topic_filter::parse. Throws std::bad_alloc.
    result<filter_id> add(std::string_view text);
    void release(filter_id which) noexcept;  // one copy less
    // True, and which it is: there is such a filter.
    bool find(std::string_view text, filter_id& out) const noexcept;

    // Appends the filters that want the topic: those without predicates, and those that have a word to say on each record.
    void match(std::string_view topic, std::vector<filter_id>& plain, std::vector<filter_id>& conditional);
    bool wants(std::string_view topic);  // some filter does, whatever its predicates
    bool wants(std::string_view topic, const std::unordered_set<filter_id>& among);
    bool holds(filter_id which, const record_view& record) noexcept;  // its predicates

    std::size_t size() const noexcept { return by_text_.size(); }
    std::uint64_t generation() const noexcept { return generation_; }    // another one: what was matched may be wrong
    std::uint64_t evaluations() const noexcept { return evaluations_; }  // topics and records tried on a filter

private:
    using texts = std::map<std::string, filter_id, std::less<>>;
    struct entry {
        topic_filter filter;
        std::uint32_t copies = 0;
        texts::iterator text;
    };
    template <class F>
    void for_each_match(std::string_view topic, F&& f);  // until it returns false

    texts by_text_;
    std::vector<entry> entries_;
    std::vector<filter_id> free_;
    prefix_set leads_;
    std::map<std::string, std::vector<filter_id>, std::less<>> by_lead_;
    std::vector<std::size_t> lengths_;  // for one call
    std::uint64_t generation_ = 0, evaluations_ = 0;
};

// The filters of one link: each once. What is beyond the limits is not taken.
class GODWIT_EXPORT link_filters {
public:
    static constexpr std::size_t count_max = 20'000, bytes_max = 1u << 20;

    explicit link_filters(filter_table& table) noexcept : table_{&table} {}
    link_filters(link_filters&& other) noexcept;
    link_filters& operator=(link_filters&&) = delete;
    ~link_filters() { clear(); }

    // Nothing changes if it is there. Fails with `too_large`, and as topic_filter::parse.
    status add(std::string_view text);
    bool remove(std::string_view text) noexcept;  // false: it was not there
    void clear() noexcept;
    bool contains(filter_id which) const noexcept { return ids_.contains(which); }
    bool wants(std::string_view topic) const;  // some filter does, whatever its predicates
    bool empty() const noexcept { return ids_.empty(); }
    std::size_t count() const noexcept { return ids_.size(); }

private:
    filter_table* table_;
    std::unordered_set<filter_id> ids_;
    std::size_t bytes_ = 0;
};

}  // namespace godwit::detail
