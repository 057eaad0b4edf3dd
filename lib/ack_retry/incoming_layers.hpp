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
    explicit incoming_layers(std::vector<layer*> layers);

    bool empty() const noexcept { return layers_.empty(); }
    void list_codecs(std::vector<std::uint8_t>& into) const;
    // Replaces an encoded batch by what it was. `unsupported` names the codec.
    status decode(batch_ref& batch, std::size_t record_bytes_max) const;
    // True: each record of it passes, and none is asked for.
    bool pass_whole(const taken_batch& of) const;
    // Asks of all records of a batch, or of those alone. Lives until the next call; those that pass come with the others.
    std::span<offered_record> offer(const taken_batch& of, const range_set* only);
    void settled(stream_id stream, offset at, bool acked) {
        for (layer* const one : layers_) one->settled(stream, at, acked);
    }

    // The one that remembers what was handled, if there is one: see layer.hpp.
    layer* memory() const noexcept { return memory_; }
    bool remembers(stream_id stream, offset at) const;  // it is done, by the memory's word
    void let_go(stream_id stream, offset_range what) noexcept {
        if (memory_ != nullptr) memory_->let_go(stream, what);
    }

private:
    void ask(layer& one, bool behind_memory);

    std::vector<layer*> layers_;
    layer* memory_ = nullptr;
    std::vector<offered_record> offered_, asked_;
    std::vector<std::size_t> whose_;
};

}  // namespace godwit::detail
