// diagnosis: what was found about a connection, in the order of looking.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "failure.hpp"

namespace tool {

struct finding {
    std::string
        check;  // what was looked at: "url", "name", "connection", "protocol", "security", "pattern", "handshake"
    bool good;
    std::string text;  // one line
};

struct diagnosis {
    std::string url;
    std::vector<finding> findings;
    bool timed_out = false;
    // Empty where it did not get so far.
    std::string address;
    std::string version;
    std::string mechanism;
    std::string socket_type;
    std::optional<std::chrono::nanoseconds> round_trip;

    void good(std::string check, std::string text) { findings.push_back({std::move(check), true, std::move(text)}); }
    void wrong(std::string check, std::string text) { findings.push_back({std::move(check), false, std::move(text)}); }
    bool healthy() const noexcept;
    exit_status status() const noexcept;
    std::string text() const;  // a line for each finding
    std::string json() const;  // one line
};

}  // namespace tool
