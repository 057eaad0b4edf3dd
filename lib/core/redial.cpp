#include "core/redial.hpp"

#include <algorithm>

namespace godwit::detail {

redial::attempt* redial::find(std::string_view endpoint) {
    const auto found =
        std::find_if(attempts_.begin(), attempts_.end(), [&](const attempt& one) { return one.endpoint == endpoint; });
    return found == attempts_.end() ? nullptr : &*found;
}

void redial::gave_up(std::string_view endpoint, clock::time_point now, std::uint64_t random) {
    attempt* one = find(endpoint);
    if (one == nullptr) one = &attempts_.emplace_back(attempt{std::string{endpoint}});
    const unsigned doublings = std::min(one->failures++, 20u);
    const auto ceiling = std::max(shortest_, std::min(longest_, shortest_ * (std::int64_t{1} << doublings)));
    const auto spread = static_cast<std::uint64_t>((ceiling - shortest_).count()) + 1;
    one->due = now + shortest_ + clock::duration{static_cast<clock::duration::rep>(random % spread)};
}

void redial::still_trying(std::string_view endpoint) {
    if (attempt* one = find(endpoint)) one->due = clock::time_point::max();
}

void redial::succeeded(std::string_view endpoint) {
    std::erase_if(attempts_, [&](const attempt& one) { return one.endpoint == endpoint; });
}

std::optional<std::string> redial::take_due(clock::time_point now) {
    for (attempt& one : attempts_) {
        if (one.due > now) continue;
        one.due = clock::time_point::max();
        return one.endpoint;
    }
    return std::nullopt;
}

redial::clock::time_point redial::next() const {
    auto first = clock::time_point::max();
    for (const attempt& one : attempts_) first = std::min(first, one.due);
    return first;
}

}  // namespace godwit::detail
