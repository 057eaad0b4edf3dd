// topic_filter: one filter of a subscriber, parsed: which topics it wants, and by which headers.
//     orders.            each topic that begins so, as in plain ZeroMQ; the empty filter: everything
//     =orders.eu         this topic alone
//     orders.*.placed    tokens are what stands between dots, and may be empty; a token `*` is any one token,
//     orders.>           a last token `>` is one or more: both stand for whole topics, not for beginnings
//     orders. {region=eu, kind!=test, urgent}   all must hold: this value; not this value, or no such header; it is there
// A backslash takes the meaning of the character behind it away. Of several headers of a name the first counts.
// Format: docs/wire_format.md. Threads: a value. Matching takes time linear in topic, headers and filter.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"
#include "godwit/export.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

class GODWIT_EXPORT topic_filter {
public:
    static constexpr std::size_t bytes_max = 4000, predicates_max = 32;

    // Fails with `invalid_argument`, `too_large` (see the limits). Throws std::bad_alloc.
    static result<topic_filter> parse(std::string_view text);

    bool matches(std::string_view topic) const noexcept;   // whatever its headers are
    bool holds(const record_view& record) const noexcept;  // its predicates, whatever the topic is
    bool has_predicates() const noexcept { return !predicates_.empty(); }
    std::string_view lead() const noexcept { return lead_; }  // every topic that matches begins with it

private:
    friend class topic_filter_parser;
    enum class kind : std::uint8_t { prefix, exact, pattern };
    struct token {
        enum class is : std::uint8_t { text, any, rest } what;
        std::string text;
    };
    struct predicate {
        enum class is : std::uint8_t { there, equal, different } what;
        std::string name, value;
    };
    bool matches_pattern(std::string_view topic) const noexcept;

    kind kind_ = kind::prefix;
    std::string lead_;
    std::vector<token> tokens_;  // of a pattern
    std::vector<predicate> predicates_;
};

}  // namespace godwit::detail
