#include "godwit/ack_retry.hpp"

#include <utility>

#include "ack_retry/protocol_base.hpp"

namespace godwit {

namespace {

std::unique_ptr<detail::delivery_protocol> make(const ack_retry& options, detail::pattern own) {
    switch (own) {
        case detail::pattern::push:
            return detail::make_push(options);
        case detail::pattern::pull:
            return detail::make_pull(options);
        case detail::pattern::pub:
            return detail::make_pub(options);
        case detail::pattern::sub:
            return detail::make_sub(options);
        case detail::pattern::req:
            return detail::make_req(options);
        case detail::pattern::rep:
            return detail::make_rep(options);
    }
    return nullptr;
}

}  // namespace

void ack_retry::install(assembly& into) const {
    into.deliver_by("ack_retry",
                    [options = *this](int own) { return make(options, static_cast<detail::pattern>(own)); });
    into.log_bytes_max(log_bytes_max);
}

}  // namespace godwit
