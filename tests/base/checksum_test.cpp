// The checksum of what is whole and of what lies in parts.
#include "base/checksum.hpp"

#include <array>
#include <vector>

#include "test_main.hpp"

using namespace godwit;
using detail::digest;
using detail::digest_of_parts;

namespace {

// Leaves that number wherever the next call's locals will be, in each fourth place, and nothing in the others.
[[gnu::noinline]] void leave_on_the_stack(std::uint64_t number, std::size_t place) {
    alignas(64) std::array<volatile std::uint64_t, 1024> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i % 4 == place ? number : 0;
}

[[gnu::noinline]] std::uint64_t of_two(bytes first, bytes second, std::uint64_t seed) {
    const bytes parts[] = {first, second};
    return digest_of_parts(parts, seed);
}

}  // namespace

TEST_CASE("parts have the checksum of the whole, whatever was on the stack before") {
    for (const std::size_t size : {0u, 100u, 240u, 241u, 300u, 5000u, 100'000u}) {
        std::vector<std::byte> content(size);
        for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<std::byte>(i * 7);
        const bytes whole{content};
        for (const std::uint64_t seed : {0ull, 7ull, 0x9e3779b97f4a7c15ull}) {
            for (std::size_t place = 0; place < 4; ++place) {
                CAPTURE(size, seed, place);
                const auto expected = digest(whole, seed);
                leave_on_the_stack(seed, place);
                const auto got = of_two(whole.first(size / 3), whole.subspan(size / 3), seed);
                CHECK(got == expected);
            }
        }
    }
}
