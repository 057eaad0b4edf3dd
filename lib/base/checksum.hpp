// digest: XXH3-64 (xxHash, https://xxhash.com), the checksum of batches and envelopes. Not against an attacker.
#pragma once
#include <cstdint>
#include <span>

#include "godwit/export.hpp"
#include "godwit/message.hpp"

namespace godwit::detail {

GODWIT_EXPORT std::uint64_t digest(bytes data, std::uint64_t seed = 0) noexcept;
// Of all of them, one behind the other.
GODWIT_EXPORT std::uint64_t digest_of_parts(std::span<const bytes> parts, std::uint64_t seed) noexcept;

}  // namespace godwit::detail
