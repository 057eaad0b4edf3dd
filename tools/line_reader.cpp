#include "line_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "failure.hpp"

namespace tool {

line_reader::line_reader(int input, int stopped) : input_{input}, stopped_{stopped}, buffer_(256u << 10) {}

bool line_reader::next(std::vector<std::string_view>& lines) {
    lines.clear();
    while (lines.empty() && !ended_) {
        make_room();
        const std::size_t searched = end_;
        if (!fill()) break;
        const char* from = buffer_.data() + searched;
        const char* const end = buffer_.data() + end_;
        while (const void* found = std::memchr(from, '\n', static_cast<std::size_t>(end - from))) {
            const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
            lines.emplace_back(buffer_.data() + begin_, newline - begin_);
            begin_ = newline + 1;
            from = buffer_.data() + begin_;
        }
        if (ended_ && begin_ < end_) {
            lines.emplace_back(buffer_.data() + begin_, end_ - begin_);
            begin_ = end_;
        }
    }
    lines_read_ += lines.size();
    return !lines.empty();
}

void line_reader::make_room() {
    std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
    end_ -= begin_;
    begin_ = 0;
    if (end_ > line_bytes_max) {
        throw failure{exit_failed, "line " + std::to_string(lines_read_ + 1) + " of the input is longer than " +
                                       std::to_string(line_bytes_max) + " bytes: split it"};
    }
    if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
}

bool line_reader::fill() {
    std::array<pollfd, 2> waits{{{input_, POLLIN, 0}, {stopped_, POLLIN, 0}}};
    for (;;) {
        if (::poll(waits.data(), waits.size(), -1) < 0) continue;  // EINTR
        if (waits[1].revents != 0) {
            ended_ = true;
            return false;
        }
        const ssize_t count = ::read(input_, buffer_.data() + end_, buffer_.size() - end_);
        if (count >= 0) {
            ended_ = count == 0;
            end_ += static_cast<std::size_t>(count);
            return true;
        }
        if (errno != EINTR && errno != EAGAIN) {
            throw failure{exit_failed, std::string{"standard input cannot be read: "} + std::strerror(errno)};
        }
    }
}

}  // namespace tool
