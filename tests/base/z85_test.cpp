#include "base/z85.hpp"

#include <array>
#include <string>

#include "godwit/message.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

// The example of RFC 32.
constexpr std::array<unsigned char, 8> hello{0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B};

bool decodes(std::string_view text, std::size_t into) {
    std::string out(into, '\0');
    return z85_decode(text, std::as_writable_bytes(std::span{out}));
}

}  // namespace

TEST_CASE("Z85 spells the example of its RFC") {
    std::array<char, 10> text{};
    REQUIRE(z85_encode(std::as_bytes(std::span{hello}), text));
    REQUIRE(std::string_view{text.data(), text.size()} == "HelloWorld");
    std::array<unsigned char, 8> back{};
    REQUIRE(z85_decode("HelloWorld", std::as_writable_bytes(std::span{back})));
    REQUIRE(back == hello);
}

TEST_CASE("Z85 brings back what it spelled, at the ends of its range too") {
    for (const unsigned value : {0u, 1u, 84u, 85u, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu}) {
        const std::array raw{std::byte(value >> 24), std::byte(value >> 16), std::byte(value >> 8), std::byte(value)};
        std::array<char, 5> text{};
        REQUIRE(z85_encode(raw, text));
        std::array<std::byte, 4> back{};
        REQUIRE(z85_decode({text.data(), text.size()}, back));
        REQUIRE(back == raw);
    }
}

TEST_CASE("Z85 refuses sizes that do not fit, foreign characters, and groups above 32 bits") {
    REQUIRE(decodes("", 0));
    REQUIRE(decodes("00000", 4));
    REQUIRE_FALSE(decodes("0000", 4));
    REQUIRE_FALSE(decodes("00000", 3));
    REQUIRE_FALSE(decodes("00000", 8));
    REQUIRE_FALSE(decodes("0000,", 4));
    REQUIRE_FALSE(decodes("0000\xff", 4));
    REQUIRE_FALSE(decodes(std::string_view{"0000\0", 5}, 4));
    REQUIRE(decodes("%nSc0", 4));        // 0xffffffff
    REQUIRE_FALSE(decodes("%nSc1", 4));  // one more
    REQUIRE_FALSE(decodes("#####", 4));
    std::array<char, 4> small{};
    REQUIRE_FALSE(z85_encode(std::as_bytes(std::span{hello}), small));
    REQUIRE_FALSE(z85_encode(std::as_bytes(std::span{hello}.first(3)), small));
}
