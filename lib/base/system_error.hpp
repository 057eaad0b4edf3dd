// system_error: an errno as one of our errors: `no_resources` for want of descriptors, memory or threads, else `io`.
#pragma once
#include <string_view>

#include "godwit/export.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

// The value is "what_failed: the words of the system".
GODWIT_EXPORT error system_error(std::string_view what_failed, int number) noexcept;

}  // namespace godwit::detail
