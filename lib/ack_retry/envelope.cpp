#include "ack_retry/envelope.hpp"

#include "base/checksum.hpp"

namespace godwit::detail::envelope {

std::uint64_t checksum(bytes whole) noexcept {
    return detail::digest(whole.first(checksum_at), detail::digest(whole.subspan(head_bytes)));
}

}  // namespace godwit::detail::envelope
