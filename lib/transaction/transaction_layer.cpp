#include "transaction/transaction_layer.hpp"

#include <string>

namespace godwit::detail {

transaction_layer::~transaction_layer() {
    if (listener_ != 0) core_->leave(listener_);
}

status transaction_layer::opened(layer_site&& site) {
    if (site.pattern != "pull")
        return error{errc::unsupported, std::string{"inputs of transactions on a "}.append(site.pattern),
                     "give them to a pull"};
    if (listener_ == 0) listener_ = core_->listen(site.wake);
    site_ = std::move(site);
    return {};
}

void transaction_layer::incoming(std::span<offered_record> records) {
    core_->offer(records);
    if (!site_.report) return;
    for (const offered_record& one : records) {
        if (one.what != offered_record::verdict::refuse) continue;
        site_.report(event_kind::too_old, "record " + std::to_string(one.at) + " of stream " + to_string(one.stream));
    }
}

}  // namespace godwit::detail
