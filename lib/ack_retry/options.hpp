// What ack_retry's options must be, and what they make.
#pragma once
#include <string_view>

#include "ack_retry/link_frames.hpp"
#include "base/pattern.hpp"
#include "godwit/ack_retry.hpp"

namespace godwit::detail {

GODWIT_EXPORT status check(const ack_retry& options, pattern own);  // `invalid_argument`, with the field's name
GODWIT_EXPORT endpoint_id
identity_of(std::string_view label);  // "": empty; else the same id for the same label, everywhere

}  // namespace godwit::detail
