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

incoming_layers::incoming_layers(std::vector<layer*> layers) : layers_{std::move(layers)} {
    const auto found = std::ranges::find_if(layers_, [](const layer* one) { return !one->memory().scope.empty(); });
    if (found != layers_.end()) memory_ = *found;
}

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

bool incoming_layers::pass_whole(const taken_batch& of) const {
    return memory_ != nullptr && std::ranges::all_of(layers_, [&](layer* one) {
               return one->passes_whole(of.stream, {of.first, of.last}, of.records);
           });
}

bool incoming_layers::remembers(stream_id stream, offset at) const {
    if (memory_ == nullptr) return false;
    offered_record one{stream, at, 1, {}, {}, {}, verdict_of::pass, {}};
    memory_->incoming({&one, 1});
    if (one.what == verdict_of::pass) memory_->let_go(stream, {at, at});  // it was not asked for to be handled
    return one.what == verdict_of::done;
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
    bool behind_memory = false;
    for (layer* const one : layers_) {
        ask(*one, behind_memory);
        behind_memory = behind_memory || one == memory_;
    }
    return offered_;
}

// Only of what those before it have passed.
void incoming_layers::ask(layer& one, bool behind_memory) {
    asked_.clear();
    whose_.clear();
    for (std::size_t i = 0; i < offered_.size(); ++i) {
        if (offered_[i].what != verdict_of::pass) continue;
        asked_.push_back(offered_[i]);
        whose_.push_back(i);
    }
    if (asked_.empty()) return;
    one.incoming(asked_);
    for (std::size_t i = 0; i < asked_.size(); ++i) {
        offered_record& said = offered_[whose_[i]];
        said.what = asked_[i].what;
        said.why = asked_[i].why;
        // The memory took it for in hand.
        const bool stays = said.what == verdict_of::hold || said.what == verdict_of::refuse;
        if (stays && behind_memory) let_go(said.stream, {said.at, said.at});
    }
}

}  // namespace godwit::detail
