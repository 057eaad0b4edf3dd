#include "starting_place.hpp"

#include <algorithm>
#include <charconv>

#include "duration.hpp"
#include "failure.hpp"
#include "point_in_time.hpp"

namespace tool {

starting_place parse_place(const std::string& text) {
    using godwit::journal_start;
    if (text == "first") return journal_start::first;
    if (text == "last") return journal_start::last;
    if (text == "next") return journal_start::next;
    godwit::offset at = 0;
    const char* const end = text.data() + text.size();
    if (const auto [behind, failed] = std::from_chars(text.data(), end, at); failed == std::errc{} && behind == end)
        return at;
    if (const auto ago = parse_duration(text)) {
        const auto now = std::chrono::system_clock::now();
        return now - std::min<std::chrono::nanoseconds>(*ago, now.time_since_epoch());
    }
    if (const auto when = parse_time(text)) return std::chrono::system_clock::time_point{*when};
    throw failure{exit_usage, "--from '" + text +
                                  "' is neither first, last, next, an offset, a time like "
                                  "2026-07-01T12:00:00Z nor a duration ago like 15m"};
}

godwit::subscription subscription_from(const starting_place& place) {
    using godwit::start;
    godwit::subscription made;
    if (const auto* const named = std::get_if<godwit::journal_start>(&place)) {
        made.from = *named == godwit::journal_start::first  ? start::first
                    : *named == godwit::journal_start::last ? start::last
                                                            : start::next;
    } else if (const auto* const at = std::get_if<godwit::offset>(&place)) {
        made.from = start::at;
        made.at = *at;
    } else {
        made.from = start::since;
        made.since = std::get<std::chrono::system_clock::time_point>(place);
    }
    return made;
}

}  // namespace tool
