// line_reader: standard input as lines, as many at once as one read brings. A line that comes alone is not held back.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tool {

class line_reader {
public:
    static constexpr std::size_t line_bytes_max = 16u << 20;  // a message's limit

    // Borrows both descriptors; `stopped` becomes readable to end the reading.
    line_reader(int input, int stopped);

    // Waits for at least one line, then fills `lines` with all that are there, without their newlines; a last line
    // needs none. False at the end of input and when stopped. The views live until the next call. Throws failure.
    bool next(std::vector<std::string_view>& lines);
    std::uint64_t lines_read() const noexcept { return lines_read_; }

private:
    bool fill();  // one read behind end_; false if there is no more
    void make_room();

    int input_;
    int stopped_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;  // of the unfinished line
    std::size_t end_ = 0;
    std::uint64_t lines_read_ = 0;
    bool ended_ = false;
};

}  // namespace tool
