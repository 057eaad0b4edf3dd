// The command's durations, points in time and texts.
#include "duration.hpp"
#include "point_in_time.hpp"
#include "require.hpp"
#include "text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto parsed = tool::parse_duration(text)) {
        require(parsed->count() >= 0, "no duration is negative");
        require(tool::parse_duration(tool::format_duration(*parsed)) == parsed, "what is formatted reads back");
    }
    if (const auto when = tool::parse_time(std::string{text}))
        require(tool::parse_time(tool::format_time(*when)) == when, "a time that is written reads back");
    require(tool::base64(text).size() == (size + 2) / 3 * 4, "base64 is padded");
    if (tool::is_utf8(text) && size > 0) {
        // Cut anywhere, it is UTF-8 or ends within a character; two of them together are UTF-8.
        require(tool::is_utf8(std::string{text} + std::string{text}), "two texts are a text");
    }
    return 0;
}
