#include "dedup/dedup_layer.hpp"

#include <string>

namespace godwit::detail {

dedup_layer::~dedup_layer() {
    if (listener_ != 0) memory_->leave(listener_);
}

status dedup_layer::opened(layer_site&& site) {
    if (site.pattern != "pull")
        return error{errc::unsupported, std::string{"dedup on a "}.append(site.pattern),
                     "it is for a pull; sub and rep know their messages by ids: godwit/once.hpp"};
    if (listener_ == 0) listener_ = memory_->listen(site.wake);
    site_ = std::move(site);
    return {};
}

void dedup_layer::incoming(std::span<offered_record> records) {
    memory_->offer(records);
    if (!site_.report) return;
    for (const offered_record& one : records) {
        if (one.what != offered_record::verdict::refuse) continue;
        site_.report(event_kind::too_old, "record " + std::to_string(one.at) + " of stream " + to_string(one.stream));
    }
}

// Without space it waits, and goes on when there is some.
status dedup_layer::health() const {
    status now = memory_->health();
    return now.failed(errc::full) ? status{} : now;
}

}  // namespace godwit::detail
