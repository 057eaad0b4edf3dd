// redial: when to dial again an endpoint that libzmq has given up after a failed handshake. Capped exponential
// back-off with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015), but never below the minimum.
// Pure: time and randomness come in. Not thread-safe: the runner's.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT redial {
public:
    using clock = std::chrono::steady_clock;

    redial(clock::duration shortest, clock::duration longest) : shortest_{shortest}, longest_{longest} {}

    void gave_up(std::string_view endpoint, clock::time_point now, std::uint64_t random);
    void still_trying(std::string_view endpoint);  // libzmq dials by itself: nothing is due
    void succeeded(std::string_view endpoint);     // back to the shortest pause
    bool knows(std::string_view endpoint) { return find(endpoint) != nullptr; }  // gave up, and has not succeeded since
    std::optional<std::string> take_due(clock::time_point now);
    clock::time_point next() const;  // max: nothing is due ever

private:
    struct attempt {
        std::string endpoint;
        unsigned failures = 0;
        clock::time_point due = clock::time_point::max();
    };
    attempt* find(std::string_view endpoint);

    clock::duration shortest_;
    clock::duration longest_;
    std::vector<attempt> attempts_;
};

}  // namespace godwit::detail
