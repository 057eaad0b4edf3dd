#include "ack_retry/outgoing_codec.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "base/batch_format.hpp"

namespace godwit::detail {

outgoing_codec::outgoing_codec(std::span<layer* const> layers) noexcept {
    const auto found = std::ranges::find_if(layers, [](const layer* one) { return one->codec() != 0; });
    if (found != layers.end()) by_ = *found;
}

batch_ref outgoing_codec::encode(const batch_ref& batch) const {
    namespace f = batch_format;
    const bytes plain = batch.view.data();
    const std::vector<std::byte> content = by_->encode(plain.subspan(f::header_bytes));
    if (content.empty()) return batch;
    constexpr std::size_t before = f::header_bytes + f::encoded_envelope_bytes;
    const auto whole = std::make_shared<std::vector<std::byte>>(before + content.size());
    std::byte* const out = whole->data();
    std::memcpy(out, plain.data(), f::header_bytes);
    f::store(out + f::codec_at, by_->codec());
    f::store(out + f::bytes_at, static_cast<std::uint32_t>(whole->size()));
    f::store(out + f::encoded_size_at, static_cast<std::uint32_t>(plain.size() - f::header_bytes));
    f::store(out + f::first_delta_at, f::load<std::uint32_t>(plain.data() + f::first_delta_at));
    std::memcpy(out + before, content.data(), content.size());
    f::sign(out, whole->size());
    return {message::take(whole->data(), whole->size(), [whole] {}), batch_view::trusted(*whole)};
}

}  // namespace godwit::detail
