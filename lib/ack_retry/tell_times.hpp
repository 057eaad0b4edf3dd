// How soon a receiver does what nothing else brings along.
#pragma once
#include <chrono>

namespace godwit::detail {

inline constexpr std::chrono::milliseconds tell_within{10};  // what is settled, and not told with the next batch
inline constexpr std::chrono::milliseconds ask_within{10};   // layers, of what they keep back

}  // namespace godwit::detail
