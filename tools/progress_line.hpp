// progress_line: how far a long run has come, in one line on standard error, if that is a terminal and it takes a second.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace tool {

class progress_line {
public:
    explicit progress_line(std::string what);
    ~progress_line() { clear(); }
    void show(std::uint64_t done, std::uint64_t all);
    void clear();  // before anything else is printed

private:
    const std::string what_;
    const bool is_terminal_;
    const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point shown_{};
    bool is_shown_ = false;
};

}  // namespace tool
