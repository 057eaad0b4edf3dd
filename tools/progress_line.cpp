#include "progress_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace tool {

namespace {

constexpr auto patience = std::chrono::seconds{1};
constexpr auto show_every = std::chrono::milliseconds{100};
constexpr std::uint64_t width = 40;
constexpr std::uint64_t megabyte = 1u << 20;

}  // namespace

progress_line::progress_line(std::string what) : what_{std::move(what)}, is_terminal_{::isatty(STDERR_FILENO) == 1} {}

void progress_line::show(std::uint64_t done, std::uint64_t all) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_terminal_ || now - begun_ < patience || now - shown_ < show_every || all == 0) return;
    shown_ = now;
    is_shown_ = true;
    const auto filled = static_cast<std::size_t>(static_cast<double>(done) / static_cast<double>(all) * width);
    std::cerr << '\r' << what_ << " [" << std::string(filled, '#') << std::string(width - std::min(filled, width), ' ')
              << "] " << done / megabyte << " of " << all / megabyte << " MiB" << std::flush;
}

void progress_line::clear() {
    if (!is_shown_) return;
    is_shown_ = false;
    std::cerr << "\r\033[K" << std::flush;
}

}  // namespace tool
