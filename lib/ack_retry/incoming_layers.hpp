// incoming_layers: the layers on the way in: they decode a batch, are asked of each record whether it may be handed out,
// and hear what is settled. Threads: inside a turn. With no layers nothing is done.
#pragma once
#include <span>
#include <vector>

#include "ack_retry/taken_batch.hpp"
#include "godwit/export.hpp"
#include "godwit/layer.hpp"

namespace godwit::detail {

class GODWIT_EXPORT incoming_layers {
public:
    explicit incoming_layers(std::vector<layer*> layers) : layers_{std::move(layers)} {}

    bool empty() const noexcept { return layers_.empty(); }
    void list_codecs(std::vector<std::uint8_t>& into) const;
    // Replaces an encoded batch by what it was. `unsupported` names the codec.
    status decode(batch_ref& batch, std::size_t record_bytes_max) const;
    // Asks of all records of a batch, or of those alone. Lives until the next call; those that pass come with the others.
    std::span<offered_record> offer(const taken_batch& of, const range_set* only);
    void settled(stream_id stream, offset at, bool acked) {
        for (layer* const one : layers_) one->settled(stream, at, acked);
    }

private:
    std::vector<layer*> layers_;
    std::vector<offered_record> offered_, asked_;
    std::vector<std::size_t> whose_;
};

}  // namespace godwit::detail
