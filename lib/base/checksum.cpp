// The only file that sees xxHash; its code becomes part of this object, under names that nobody else can meet.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#endif
#define XXH_INLINE_ALL
#include <xxhash.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include "base/checksum.hpp"

namespace godwit::detail {

std::uint64_t digest(bytes data, std::uint64_t seed) noexcept {
    return XXH3_64bits_withSeed(data.data(), data.size(), seed);
}

std::uint64_t digest_of_parts(std::span<const bytes> parts, std::uint64_t seed) noexcept {
    if (parts.size() == 1) return digest(parts.front(), seed);
    XXH3_state_t state;
    XXH3_INITSTATE(&state);  // else what was on the stack may pass for the secret of this seed
    XXH3_64bits_reset_withSeed(&state, seed);
    for (const bytes part : parts) XXH3_64bits_update(&state, part.data(), part.size());
    return XXH3_64bits_digest(&state);
}

}  // namespace godwit::detail
