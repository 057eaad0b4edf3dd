// digest: XXH3-64 (xxHash, https://xxhash.com), the checksum of batches and envelopes. Not against an attacker.
#pragma once
#include <cstdint>

#include "godwit/export.hpp"
#include "godwit/message.hpp"

namespace godwit::detail {

GODWIT_EXPORT std::uint64_t digest(bytes data, std::uint64_t seed = 0) noexcept;

}  // namespace godwit::detail
