#include "base/rights.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace godwit {

namespace detail {

namespace {

constexpr std::size_t prefixes_max = 1'000;
constexpr std::size_t prefix_bytes_max = 4096;

bool within(const rights::topics& allowed, std::string_view topic) noexcept {
    return std::ranges::any_of(allowed, [&](const std::string& prefix) { return topic.starts_with(prefix); });
}

}  // namespace

status check_rights(const rights& may) {
    std::size_t count = 0;
    for (const rights::topics* const each : {&may.push, &may.pub, &may.req, &may.sub}) {
        count += each->size();
        for (const std::string& prefix : *each) {
            if (prefix.size() <= prefix_bytes_max) continue;
            return error{errc::too_large, std::to_string(prefix.size()) + " bytes",
                         "a prefix in rights has at most 4 KiB"};
        }
    }
    if (count <= prefixes_max) return {};
    return error{errc::too_large, std::to_string(count) + " prefixes", "rights have at most 1,000"};
}

const rights::topics* topics_of(const rights& may, pattern theirs) noexcept {
    switch (theirs) {
        case pattern::push:
            return &may.push;
        case pattern::pub:
            return &may.pub;
        case pattern::req:
            return &may.req;
        case pattern::sub:
            return &may.sub;
        case pattern::pull:
        case pattern::rep:
        case pattern::link:
            break;
    }
    return nullptr;
}

bool may_come(const rights& may, pattern theirs) noexcept {
    if (theirs == pattern::pull) return may.pull;
    if (theirs == pattern::rep) return may.rep;
    return !topics_of(may, theirs)->empty();
}

bool may_speak(const rights& may, pattern theirs, std::string_view topic) noexcept {
    const rights::topics* const allowed = topics_of(may, theirs);
    return allowed != nullptr && within(*allowed, topic);
}

namespace {

error wrong(std::string_view word, std::string_view advice) { return {errc::malformed, word, advice}; }

result<rights::topics> parse_topics(std::string_view word, std::string_view list) {
    rights::topics parsed;
    while (true) {
        const std::size_t comma = list.find(',');
        const std::string_view one = list.substr(0, comma);
        if (one.empty()) return wrong(word, "a prefix is empty; for every topic write the verb alone, without =");
        parsed.emplace_back(one);
        if (comma == list.npos) return parsed;
        list.remove_prefix(comma + 1);
    }
}

// The word's verb, in `verbs`, and its topics if it has any.
status take_word(std::string_view word, rights& may, std::uint8_t& seen) {
    constexpr std::array verbs{pattern::push, pattern::pub, pattern::req, pattern::sub, pattern::pull, pattern::rep};
    const std::size_t equals = word.find('=');
    const auto found = std::ranges::find_if(verbs, [&](pattern verb) { return name(verb) == word.substr(0, equals); });
    if (found == verbs.end()) return wrong(word, "the verbs are push, pub, req, sub, pull, rep, as in sub=eur.,usd.");
    const auto bit = static_cast<std::uint8_t>(1u << static_cast<unsigned>(*found));
    if ((seen & bit) != 0) return wrong(word, "this verb was named before");
    seen = static_cast<std::uint8_t>(seen | bit);
    auto* const topics = const_cast<rights::topics*>(topics_of(may, *found));
    if (topics == nullptr) {
        if (equals != word.npos) return wrong(word, "this verb has no topics: write it alone");
        (*found == pattern::pull ? may.pull : may.rep) = true;
        return {};
    }
    if (equals == word.npos) return topics->assign(1, std::string{}), status{};
    auto parsed = parse_topics(word, word.substr(equals + 1));
    if (!parsed) return parsed.error();
    *topics = std::move(*parsed);
    return {};
}

}  // namespace

}  // namespace detail

rights rights::none() { return {{}, {}, {}, {}, false, false}; }

result<rights> rights::parse(std::string_view words) {
    constexpr std::string_view blanks = " \t";
    rights parsed = none();
    std::uint8_t seen = 0;
    for (std::size_t at = 0; (at = words.find_first_not_of(blanks, at)) != words.npos;) {
        const std::size_t end = std::min(words.find_first_of(blanks, at), words.size());
        if (auto taken = detail::take_word(words.substr(at, end - at), parsed, seen); !taken) return taken.error();
        at = end;
    }
    if (seen == 0) return rights{};
    if (auto fine = detail::check_rights(parsed); !fine) {
        return error{errc::malformed, fine.error().value(), "rights have at most 1,000 prefixes of up to 4 KiB"};
    }
    return parsed;
}

}  // namespace godwit
