// Counts what the program asks malloc for (operator new included): msgpack's zone calls malloc itself.
#pragma once
#include <cstddef>

namespace godwit::test {

// All bytes asked for since the program began, never reduced: differences are upper bounds of a peak.
std::size_t allocated_bytes() noexcept;

}  // namespace godwit::test
