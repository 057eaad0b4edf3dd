#include "base/z85.hpp"

#include <array>
#include <cstdint>
#include <limits>

namespace godwit::detail {

namespace {

constexpr std::string_view alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static_assert(alphabet.size() == 85);

constexpr std::uint8_t no_digit = 255;

constexpr std::array<std::uint8_t, 256> digits = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}();

}  // namespace

bool z85_encode(std::span<const std::byte> raw, std::span<char> out) noexcept {
    if (raw.size() % 4 != 0 || out.size() != raw.size() / 4 * 5) return false;
    for (std::size_t group = 0; group < raw.size() / 4; ++group) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(raw[group * 4 + i]);
        for (std::size_t i = 5; i-- > 0; value /= 85) out[group * 5 + i] = alphabet[value % 85];
    }
    return true;
}

bool z85_decode(std::string_view text, std::span<std::byte> out) noexcept {
    if (text.size() % 5 != 0 || out.size() != text.size() / 5 * 4) return false;
    for (std::size_t group = 0; group < text.size() / 5; ++group) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 5; ++i) {
            const std::uint8_t digit = digits[static_cast<unsigned char>(text[group * 5 + i])];
            if (digit == no_digit) return false;
            value = value * 85 + digit;
        }
        if (value > std::numeric_limits<std::uint32_t>::max()) return false;
        for (std::size_t i = 4; i-- > 0; value >>= 8) out[group * 4 + i] = static_cast<std::byte>(value & 0xff);
    }
    return true;
}

}  // namespace godwit::detail
