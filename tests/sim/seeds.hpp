// How many seeds a test takes of those that it is given: under sanitizers, which are many times slower, a tenth.
#pragma once
#include <cstdint>

namespace godwit::detail {

constexpr std::uint64_t end_of_seeds(std::uint64_t from, std::uint64_t to) noexcept {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    return from + (to - from) / 10;
#else
    static_cast<void>(from);
    return to;
#endif
}

}  // namespace godwit::detail
