// receipt_desk: where a receipt asks. Each reliable socket has one, known by a number that is never given twice, so that a
// receipt is two integers and may outlive its socket.
// Threads: thread-safe.
#pragma once
#include <cstdint>
#include <memory>

#include "godwit/receipt.hpp"

namespace godwit::detail {

class receipt_desk {
public:
    virtual ~receipt_desk() = default;
    virtual result<outcome> wait_for(offset at, stage wanted, timeout limit) = 0;
};

// The number under which `desk` can be found from now on, until forget_desk().
GODWIT_EXPORT std::uint64_t register_desk(std::weak_ptr<receipt_desk> desk);
GODWIT_EXPORT void forget_desk(std::uint64_t number) noexcept;

}  // namespace godwit::detail
