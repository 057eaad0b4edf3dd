// no_stop: the stop token of calls that were given none.
#pragma once
#include <stop_token>

namespace godwit::detail {

inline const std::stop_token no_stop{};

}  // namespace godwit::detail
