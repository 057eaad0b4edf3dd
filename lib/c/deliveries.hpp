// deliveries: handing out what was received. Room for a handle is taken before a message is, so that none is lost for want of it.
#pragma once
#include <array>
#include <span>

#include "c/objects.hpp"
#include "godwit/c/receive.h"

namespace godwit::c {

// For `piece` at most.
class delivery_room {
public:
    explicit delivery_room(std::size_t count) : size_{tables().deliveries.reserve(std::span{slots_}.first(count))} {}
    delivery_room(const delivery_room&) = delete;
    delivery_room& operator=(const delivery_room&) = delete;
    ~delivery_room() {
        if (used_ < size_) tables().deliveries.give_back(std::span{slots_}.subspan(used_, size_ - used_));
    }
    std::size_t size() const noexcept { return size_; }
    template <class... Parts>
    godwit_delivery hand_out(Parts&&... of) noexcept {
        return {tables().deliveries.fill(slots_[used_++], std::forward<Parts>(of)...)};
    }

private:
    std::array<std::uint32_t, piece> slots_;
    std::size_t size_, used_ = 0;
};

// Throws what receiving fails with.
godwit_delivery receive_one(any_socket& from, std::uint64_t id, timeout limit, const std::stop_token& stop);

}  // namespace godwit::c
