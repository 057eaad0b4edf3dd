// probe_line: one connection for a look at a stranger: every call ends by the deadline, and reads are bounded.
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "descriptor.hpp"
#include "interruption.hpp"
#include "place.hpp"

namespace tool {

class probe_line {
public:
    using clock = std::chrono::steady_clock;

    enum class outcome { done, ended, timed_out, failed };

    // Every call throws failure when interrupted.
    explicit probe_line(const interruption& interrupted) : interrupted_{interrupted} {}

    outcome dial(const place& where, clock::time_point deadline);
    outcome accept(const descriptor& listener, clock::time_point deadline);
    outcome write(std::string_view bytes, clock::time_point deadline);
    // Reads until `enough` says so of all that has come, or to `bytes_max`. `ended`: the peer closed before.
    outcome read_until(const std::function<bool(std::string_view)>& enough, std::size_t bytes_max,
                       clock::time_point deadline);
    // Reads once, from whichever has something to say, to `bytes_max` in all. `ended`: one of them closed.
    static outcome read_either(probe_line& one, probe_line& other, std::size_t bytes_max, clock::time_point deadline);
    void hang_up() noexcept { socket_.reset(); }

    const std::string& received() const noexcept { return received_; }
    int error_number() const noexcept { return error_; }  // after `failed`

private:
    outcome wait(short what, clock::time_point deadline) { return wait(socket_.get(), -1, what, deadline); }
    outcome wait(int descriptor, int other, short what, clock::time_point deadline) const;
    outcome read_once(std::size_t bytes_max);  // done also when there was nothing
    outcome fail(int error) noexcept {
        error_ = error;
        return outcome::failed;
    }

    const interruption& interrupted_;
    descriptor socket_;
    std::string received_;
    int error_ = 0;
};

}  // namespace tool
