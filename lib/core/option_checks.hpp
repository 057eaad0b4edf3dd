// check_options: the limits that options.hpp states. Fails with `invalid_argument`, naming field and value.
#pragma once
#include "godwit/options.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

GODWIT_EXPORT status check_options(const socket_options& options);

}  // namespace godwit::detail
