// socket_inode: which socket a descriptor's number stands for now: no other has its inode while this one is open.
// Asked of numbers that libzmq may close at any moment: the answer is of that moment, and no lock could make it more.
#pragma once
#include <cstdint>

#include "godwit/export.hpp"

namespace godwit::detail {

GODWIT_EXPORT std::uint64_t socket_inode(int descriptor) noexcept;  // 0: not open

}  // namespace godwit::detail
