// transaction_layer: a state's memory of what it has consumed, as the layer of one pull. Threads: inside the socket's turn.
#pragma once
#include <memory>

#include "transaction/transaction_core.hpp"

namespace godwit::detail {

class GODWIT_EXPORT transaction_layer final : public layer {
public:
    explicit transaction_layer(std::shared_ptr<transaction_core> of) noexcept : core_{std::move(of)} {}
    ~transaction_layer() override;

    std::string_view name() const noexcept override { return "transaction"; }
    layer_place place() const noexcept override { return layer_place::identity; }
    status opened(layer_site&& site) override;
    memory_identity memory() const override { return core_->identity(); }
    status met(const sender_greeting& said) override { return core_->met(said); }
    void floor_moved(stream_id stream, offset to) override { core_->floor_moved(stream, to); }
    bool passes_whole(stream_id stream, offset_range what, std::uint32_t records) override {
        return records == what.count() && core_->pass_whole(stream, what);
    }
    void incoming(std::span<offered_record> records) override;
    std::uint64_t settling(std::span<const handled_range> what) override { return core_->settling(what); }
    std::uint64_t kept() const noexcept override { return core_->kept(); }
    void let_go(stream_id stream, offset_range what) noexcept override { core_->let_go(stream, what); }
    status health() const override { return core_->health(); }

private:
    const std::shared_ptr<transaction_core> core_;
    layer_site site_;
    std::uint64_t listener_ = 0;
};

}  // namespace godwit::detail
