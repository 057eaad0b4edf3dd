// outgoing_codec: the first layer of a sender that has a codec: it encodes batches on their way to a link. What is kept, cut
// and repeated is the plain batch. Threads: inside a turn.
#pragma once
#include <cstdint>
#include <span>

#include "base/batch.hpp"
#include "godwit/export.hpp"
#include "godwit/layer.hpp"

namespace godwit::detail {

class GODWIT_EXPORT outgoing_codec {
public:
    outgoing_codec() noexcept = default;  // none
    explicit outgoing_codec(std::span<layer* const> layers) noexcept;

    std::uint8_t number() const noexcept { return by_ == nullptr ? 0 : by_->codec(); }
    // The batch itself where the layer leaves it as it is. Throws std::bad_alloc.
    batch_ref encoded(const batch_ref& batch) const { return by_ == nullptr ? batch : encode(batch); }

private:
    batch_ref encode(const batch_ref& batch) const;

    layer* by_ = nullptr;
};

}  // namespace godwit::detail
