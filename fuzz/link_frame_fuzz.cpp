// Envelopes of a link: what decodes encodes to the same bytes. The checksum is made right, so that what is behind it is met.
#include <vector>

#include "ack_retry/envelope.hpp"
#include "ack_retry/link_frames.hpp"
#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace envelope = godwit::detail::envelope;
    const auto* const first = reinterpret_cast<const std::byte*>(data);
    std::vector<std::byte> whole{first, first + size};
    std::vector<std::byte> again;
    for (const bool mended : {false, true}) {
        if (mended && size >= envelope::head_bytes) {
            envelope::store(whole.data() + envelope::bytes_at, static_cast<std::uint32_t>(size));
            envelope::store(whole.data() + envelope::checksum_at, envelope::checksum(whole));
        }
        const auto frame = godwit::detail::decode(whole);
        if (!frame) continue;
        godwit::detail::encode(*frame, again);
        require(again == whole, "what decodes encodes to the same");
    }
    return 0;
}
