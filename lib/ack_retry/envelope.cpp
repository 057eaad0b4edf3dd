// The only file here that sees xxHash; its code becomes part of this object, under names that nobody else can meet.
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

#include "ack_retry/envelope.hpp"

namespace godwit::detail::envelope {

std::uint64_t checksum(bytes whole) noexcept {
    const std::uint64_t seed = XXH3_64bits(whole.data() + head_bytes, whole.size() - head_bytes);
    return XXH3_64bits_withSeed(whole.data(), checksum_at, seed);
}

std::uint64_t digest(bytes data, std::uint64_t seed) noexcept {
    return XXH3_64bits_withSeed(data.data(), data.size(), seed);
}

}  // namespace godwit::detail::envelope
