#include "ack_retry/incoming_layers.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "base/batch_format.hpp"

namespace godwit::detail {

namespace {

using verdict_of = offered_record::verdict;

constexpr std::size_t beside_a_record = 1u << 20;  // what a batch may have beside its largest record

}  // namespace

void incoming_layers::list_codecs(std::vector<std::uint8_t>& into) const {
    for (const layer* const one : layers_) {
        if (one->codec() != 0) into.push_back(one->codec());
    }
}

status incoming_layers::decode(batch_ref& batch, std::size_t record_bytes_max) const {
    namespace f = batch_format;
    const std::uint8_t codec = batch.view.codec();
    const auto found =
        std::find_if(layers_.begin(), layers_.end(), [&](const layer* one) { return one->codec() == codec; });
    if (found == layers_.end()) return error{errc::unsupported, "codec " + std::to_string(codec), "no layer has it"};
    const bytes data = batch.view.data();
    const std::size_t plain = f::load<std::uint32_t>(data.data() + f::encoded_size_at);
    if (plain > record_bytes_max + beside_a_record) {
        return error{errc::too_large, "batch: decoded bytes " + std::to_string(plain), "above the limit"};
    }
    auto decoded = (*found)->decode(data.subspan(f::header_bytes + f::encoded_envelope_bytes), plain);
    if (!decoded) return decoded.error();
    if (decoded->size() != plain) {
        return error{errc::malformed, "batch: decoded bytes " + std::to_string(decoded->size()),
                     "it said another number"};
    }
    const auto whole = std::make_shared<std::vector<std::byte>>(f::header_bytes + plain);
    std::memcpy(whole->data(), data.data(), f::header_bytes);
    std::memcpy(whole->data() + f::header_bytes, decoded->data(), plain);
    f::store(whole->data() + f::codec_at, f::codec_none);
    f::store(whole->data() + f::bytes_at, static_cast<std::uint32_t>(whole->size()));
    f::sign(whole->data(), whole->size());
    const auto view = batch_view::check(*whole, record_bytes_max);
    if (!view) return view.error();
    batch.holder = message::take(whole->data(), whole->size(), [whole] {});
    batch.view = *view;
    return {};
}

std::span<offered_record> incoming_layers::offer(const taken_batch& of, const range_set* only) {
    offered_.clear();
    const batch_view& view = of.held->batch.view;
    record_view record;
    for (auto position = view.begin_position(); view.next(position, record);) {
        if (only != nullptr ? !only->contains(record.at) : of.settled.contains(record.at)) continue;
        offered_.push_back(
            {of.stream, record.at, of.attempt, record.topic, record.key, record.body, verdict_of::pass, {}});
    }
    for (layer* const one : layers_) {
        // Each layer is asked only of what those before it have passed.
        asked_.clear();
        whose_.clear();
        for (std::size_t i = 0; i < offered_.size(); ++i) {
            if (offered_[i].what != verdict_of::pass) continue;
            asked_.push_back(offered_[i]);
            whose_.push_back(i);
        }
        if (asked_.empty()) break;
        one->incoming(asked_);
        for (std::size_t i = 0; i < asked_.size(); ++i) {
            offered_[whose_[i]].what = asked_[i].what;
            offered_[whose_[i]].why = asked_[i].why;
        }
    }
    return offered_;
}

}  // namespace godwit::detail
