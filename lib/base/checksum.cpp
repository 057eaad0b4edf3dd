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

#include "base/batch_format.hpp"

namespace godwit::detail::batch_format {

std::uint64_t checksum(bytes batch) noexcept {
    const std::uint64_t seed = XXH3_64bits(batch.data() + header_bytes, batch.size() - header_bytes);
    return XXH3_64bits_withSeed(batch.data(), checksum_at, seed);
}

void sign(std::byte* batch, std::size_t size) noexcept { store(batch + checksum_at, checksum({batch, size})); }

}  // namespace godwit::detail::batch_format
