// Z85 (rfc.zeromq.org/spec/32): four bytes as five printable characters. Pure. Threads: stateless.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

#include "godwit/export.hpp"

namespace godwit::detail {

// Into buffers of the caller's, who may want to wipe them. False, and `out` is in no defined state: the sizes do not
// fit (4 bytes to 5 characters), or, decoding, a character or a group of five is none of Z85.
GODWIT_EXPORT bool z85_encode(std::span<const std::byte> raw, std::span<char> out) noexcept;
GODWIT_EXPORT bool z85_decode(std::string_view text, std::span<std::byte> out) noexcept;

}  // namespace godwit::detail
