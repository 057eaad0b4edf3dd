// received_bytes: how many bytes the kernel has received on a tcp connection.
#pragma once
#include <cstdint>
#include <optional>

#include "godwit/export.hpp"

namespace godwit::detail {

// nullopt: not tcp, not connected, or a kernel that does not count (before Linux 4.1).
GODWIT_EXPORT std::optional<std::uint64_t> received_bytes(int descriptor) noexcept;
GODWIT_EXPORT std::optional<std::uint64_t> taken_bytes(int descriptor) noexcept;  // read from it, at least so many

}  // namespace godwit::detail
