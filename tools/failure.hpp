// How the command ends: its exit status, and a failure that carries one together with its sentence.
#pragma once
#include <stdexcept>
#include <string>

namespace tool {

enum exit_status : int { exit_done = 0, exit_failed = 1, exit_usage = 2, exit_timed_out = 3 };

// Thrown anywhere, caught in main(): one line on standard error that says what to do.
class failure : public std::runtime_error {
public:
    failure(exit_status status, const std::string& sentence) : std::runtime_error{sentence}, status_{status} {}
    exit_status status() const noexcept { return status_; }

private:
    exit_status status_;
};

}  // namespace tool
