// dial_record: which dialled endpoints have refused us, so that libzmq has thrown away what was queued for them, and
// whether that was anything. Pure: the number of messages sent so far comes in. Not thread-safe.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace godwit::detail {

class dial_record {
public:
    // By us, with an empty queue.
    void dialled(std::string_view endpoint, std::uint64_t sent) { at(endpoint) = {sent, stage::dialling}; }
    void forget(std::string_view endpoint) { places_.erase(std::string{endpoint}); }

    // As the monitor tells, of what has been dialled.
    void connected(std::string_view endpoint) { becomes(endpoint, stage::shaking_hands); }
    void shaken(std::string_view endpoint) { becomes(endpoint, stage::joined); }
    void still_trying(std::string_view endpoint) { becomes(endpoint, stage::dialling); }
    void disconnected(std::string_view endpoint) {
        const auto found = places_.find(endpoint);
        if (found != places_.end() && found->second.now == stage::shaking_hands) found->second.now = stage::given_up;
    }

    // Whether anything has been sent since it was dialled; it is not, when it is not known.
    bool any_sent(std::string_view endpoint, std::uint64_t sent) const {
        const auto found = places_.find(endpoint);
        return found != places_.end() && sent > found->second.sent_before;
    }
    // At places that libzmq has given up, and that have not been dialled again.
    bool any_lost(std::uint64_t sent) const {
        return std::ranges::any_of(places_, [&](const auto& one) {
            return one.second.now == stage::given_up && sent > one.second.sent_before;
        });
    }

private:
    enum class stage : std::uint8_t { dialling, shaking_hands, joined, given_up };
    struct place {
        std::uint64_t sent_before = 0;
        stage now = stage::dialling;
    };
    place& at(std::string_view endpoint) { return places_[std::string{endpoint}]; }
    void becomes(std::string_view endpoint, stage now) {
        const auto found = places_.find(endpoint);
        if (found != places_.end()) found->second.now = now;
    }
    std::map<std::string, place, std::less<>> places_;
};

}  // namespace godwit::detail
