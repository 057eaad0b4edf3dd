#include "ack_retry/topic_filter.hpp"

#include <algorithm>
#include <utility>

namespace godwit::detail {

// The text without its backslashes, and which of its characters had one: those mean nothing but themselves.
class topic_filter_parser {
public:
    explicit topic_filter_parser(std::string_view source) : source_{source} {}
    result<topic_filter> parse();

private:
    bool unescape();
    bool is(std::size_t at, char mark) const noexcept { return text_[at] == mark && !escaped_[at]; }
    std::size_t tail_at() const noexcept;  // of " {"; text_.size() if there is none
    void topic(std::size_t end);
    status predicates(std::size_t at);
    status predicate(std::size_t first, std::size_t end);
    std::string trimmed(std::size_t first, std::size_t end) const;
    error wrong(std::string_view advice) const { return {errc::invalid_argument, source_, advice}; }

    std::string_view source_;
    std::string text_;
    std::vector<bool> escaped_;
    topic_filter made_;
};

bool topic_filter_parser::unescape() {
    text_.reserve(source_.size());
    escaped_.reserve(source_.size());
    for (std::size_t at = 0; at < source_.size(); ++at) {
        const bool escape = source_[at] == '\\';
        if (escape && ++at == source_.size()) return false;
        text_.push_back(source_[at]);
        escaped_.push_back(escape);
    }
    return true;
}

std::size_t topic_filter_parser::tail_at() const noexcept {
    for (std::size_t at = 0; at + 1 < text_.size(); ++at)
        if (is(at, ' ') && is(at + 1, '{')) return at;
    return text_.size();
}

void topic_filter_parser::topic(std::size_t end) {
    using token = topic_filter::token;
    if (end > 0 && is(0, '=')) {
        made_.kind_ = topic_filter::kind::exact;
        made_.lead_ = text_.substr(1, end - 1);
        return;
    }
    std::size_t lead = end;
    for (std::size_t first = 0; first <= end;) {
        const std::size_t next = std::min(text_.find('.', first), end);
        const bool single = next == first + 1;
        auto what = token::is::text;
        if (single && is(first, '*')) what = token::is::any;
        if (single && next == end && is(first, '>')) what = token::is::rest;
        if (what != token::is::text) lead = std::min(lead, first);
        made_.tokens_.push_back({what, what == token::is::text ? text_.substr(first, next - first) : std::string{}});
        first = next + 1;
    }
    made_.lead_ = text_.substr(0, lead);
    if (lead < end) {
        made_.kind_ = topic_filter::kind::pattern;
    } else {
        made_.tokens_.clear();
    }
}

std::string topic_filter_parser::trimmed(std::size_t first, std::size_t end) const {
    while (first < end && is(first, ' ')) ++first;
    while (first < end && is(end - 1, ' ')) --end;
    return text_.substr(first, end - first);
}

status topic_filter_parser::predicate(std::size_t first, std::size_t end) {
    using kind = topic_filter::predicate::is;
    std::size_t mark = first;
    while (mark < end && !is(mark, '=')) ++mark;
    auto what = mark == end ? kind::there : kind::equal;
    std::size_t name_end = mark;
    if (what == kind::equal && mark > first && is(mark - 1, '!')) {
        what = kind::different;
        --name_end;
    }
    std::string name = trimmed(first, name_end);
    if (name.empty()) return wrong("a header predicate has no name");
    if (made_.predicates_.size() == topic_filter::predicates_max)
        return error{errc::too_large, source_, "a filter has at most 32 header predicates"};
    made_.predicates_.push_back({what, std::move(name), mark == end ? std::string{} : trimmed(mark + 1, end)});
    return {};
}

status topic_filter_parser::predicates(std::size_t at) {
    const std::size_t end = text_.size() - 1;
    if (end < at || !is(end, '}')) return wrong("header predicates end with } at the end of the filter");
    for (std::size_t first = at; first <= end;) {
        std::size_t next = first;
        for (; next < end && !is(next, ','); ++next)
            if (is(next, '{') || is(next, '}')) return wrong("a brace among header predicates needs a backslash");
        if (auto ok = predicate(first, next); !ok) return ok;
        first = next + 1;
    }
    return {};
}

result<topic_filter> topic_filter_parser::parse() {
    if (source_.size() > topic_filter::bytes_max)
        return error{errc::too_large, source_, "a filter has at most 4,000 bytes"};
    if (!unescape()) return wrong("nothing follows the last backslash");
    const std::size_t tail = tail_at();
    topic(tail);
    if (tail < text_.size()) {
        if (auto ok = predicates(tail + 2); !ok) return ok.error();
    }
    return std::move(made_);
}

result<topic_filter> topic_filter::parse(std::string_view text) { return topic_filter_parser{text}.parse(); }

bool topic_filter::matches(std::string_view topic) const noexcept {
    switch (kind_) {
        case kind::prefix:
            return topic.starts_with(lead_);
        case kind::exact:
            return topic == lead_;
        case kind::pattern:
            return topic.starts_with(lead_) && matches_pattern(topic);
    }
    return false;
}

bool topic_filter::matches_pattern(std::string_view topic) const noexcept {
    std::size_t at = 0;  // of a token of the topic; npos behind the last
    for (const token& each : tokens_) {
        if (at == topic.npos) return false;
        if (each.what == token::is::rest) return true;
        const std::size_t end = topic.find('.', at);
        if (each.what == token::is::text && topic.substr(at, end - at) != each.text) return false;
        at = end == topic.npos ? topic.npos : end + 1;
    }
    return at == topic.npos;
}

bool topic_filter::holds(const record_view& record) const noexcept {
    const std::size_t count = predicates_.empty() ? 0 : record.header_count();
    return std::ranges::all_of(predicates_, [&](const predicate& each) {
        for (std::size_t i = 0; i < count; ++i) {
            const header found = record.header_at(i);
            if (found.name != each.name) continue;
            if (each.what == predicate::is::there) return true;
            return (found.value == each.value) == (each.what == predicate::is::equal);
        }
        return each.what == predicate::is::different;
    });
}

}  // namespace godwit::detail
