#include "base/batch_format.hpp"
#include "base/checksum.hpp"

namespace godwit::detail::batch_format {

std::uint64_t checksum(bytes batch) noexcept {
    return digest(batch.first(checksum_at), digest(batch.subspan(header_bytes)));
}

void sign(std::byte* batch, std::size_t size) noexcept { store(batch + checksum_at, checksum({batch, size})); }

}  // namespace godwit::detail::batch_format
