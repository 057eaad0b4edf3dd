// dedup_layer: a memory of what was handled, as the layer of one socket. Threads: inside the socket's turn.
#pragma once
#include <memory>

#include "dedup/dedup_memory.hpp"

namespace godwit::detail {

class GODWIT_EXPORT dedup_layer final : public layer {
public:
    explicit dedup_layer(std::shared_ptr<dedup_memory> memory) noexcept : memory_{std::move(memory)} {}
    ~dedup_layer() override;

    std::string_view name() const noexcept override { return "dedup"; }
    layer_place place() const noexcept override { return layer_place::identity; }
    status opened(layer_site&& site) override;
    memory_identity memory() const override { return memory_->identity(); }
    status met(const sender_greeting& said) override { return memory_->met(said); }
    void floor_moved(stream_id stream, offset to) override { memory_->floor_moved(stream, to); }
    bool passes_whole(stream_id stream, offset_range what, std::uint32_t records) override {
        return records == what.count() && memory_->pass_whole(stream, what);
    }
    void incoming(std::span<offered_record> records) override;
    std::uint64_t settling(std::span<const handled_range> what) override { return memory_->mark(what); }
    std::uint64_t kept() const noexcept override { return memory_->kept(); }
    void let_go(stream_id stream, offset_range what) noexcept override { memory_->let_go(stream, what); }
    status health() const override;

private:
    const std::shared_ptr<dedup_memory> memory_;
    layer_site site_;
    std::uint64_t listener_ = 0;
};

}  // namespace godwit::detail
