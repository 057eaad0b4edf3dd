#include "sim/req_rep_checker.hpp"

#include <algorithm>

namespace godwit::detail {

std::string req_rep_checker::words(std::uint64_t number) const {
    const checked_request& one = requests_[number];
    return "request " + std::to_string(number) + " (requester " + std::to_string(one.requester) +
           (one.idempotent ? ", idempotent" : "") + ", executed " + std::to_string(one.executions) + " times, nacked " +
           std::to_string(one.nacked) + ", replied " + std::to_string(one.replied) + ")";
}

void req_rep_checker::executes(std::uint64_t number) {
    checked_request& one = requests_[number];
    ++executions;
    if (one.expired) fail("executed after it was told as expired: " + words(number));
    if (++one.executions > 1 && !one.idempotent) fail("executed twice: " + words(number));
}

void req_rep_checker::end(std::uint64_t number) {
    if (requests_[number].ended) fail("ended twice: " + words(number));
    requests_[number].ended = true;
}

void req_rep_checker::reply(std::uint64_t number, std::uint64_t of) {
    ++replies;
    end(number);
    if (of != number) fail("another's reply, that of " + std::to_string(of) + ": " + words(number));
    if (requests_[number].replied == 0) fail("a reply of nobody's: " + words(number));
}

void req_rep_checker::ends(std::uint64_t number, const error& why) {
    checked_request& one = requests_[number];
    end(number);
    switch (why.code()) {
        case errc::unknown:
            ++unknown;
            break;
        case errc::expired:
            ++expired;
            one.expired = true;
            if (!one.limited) fail("expired without a deadline: " + words(number));
            if (one.executions != 0) fail("expired, and executed: " + words(number));
            break;
        case errc::refused:
            ++refused;
            if (one.rejected == 0 && one.nacked == 0 && one.executions == 0)
                fail("refused, and no handler has said so: " + words(number));
            break;
        default:
            fail(std::string{"ended as "} + why.what() + ": " + words(number));
    }
}

void req_rep_checker::gone(std::uint32_t requester) {
    for (checked_request& one : requests_) {
        if (one.requester == requester && !one.ended) one.orphan = true;
    }
}

std::uint64_t req_rep_checker::open() const {
    return static_cast<std::uint64_t>(std::count_if(
        requests_.begin(), requests_.end(), [](const auto& one) { return one.asked && !one.ended && !one.orphan; }));
}

std::string req_rep_checker::first_open() const {
    for (std::uint64_t number = 0; number != requests_.size(); ++number) {
        const checked_request& one = requests_[number];
        if (one.asked && !one.ended && !one.orphan) return words(number);
    }
    return "none";
}

}  // namespace godwit::detail
