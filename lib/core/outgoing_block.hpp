// outgoing_block: an outgoing message as one block that several readers may share.
#pragma once
#include "base/block.hpp"
#include "base/frames.hpp"

namespace godwit::detail {

// One reference, the caller's. Shares the owner's block where there is one, copies the rest; above 8 KiB a frame of an
// owner is never copied. Throws std::bad_alloc, with nothing changed. The owner is left as it is.
block* outgoing_block(const outgoing& out);

}  // namespace godwit::detail
