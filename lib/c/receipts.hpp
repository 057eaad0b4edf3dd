// receipts: a receipt as the two integers that it is.
#pragma once
#include <bit>

#include "godwit/c/reliable.h"
#include "godwit/receipt.hpp"

namespace godwit::c {

inline godwit_receipt as_value(const receipt& given) noexcept { return std::bit_cast<godwit_receipt>(given); }

}  // namespace godwit::c
