// What a log keeps beside its records: whatever a note's bytes are, it is malformed, or reads back as it was written.
#include "base/delivery_notes.hpp"
#include "base/position_note.hpp"
#include "require.hpp"

using namespace godwit::detail;

namespace {

template <class Decode>
void reads_back(std::string_view content, Decode decode) {
    const auto note = decode(content);
    if (!note) return;
    const std::string written = encode(*note);
    const auto again = decode(written);
    require(again && encode(*again) == written, "what is written reads back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view content{reinterpret_cast<const char*>(data), size};
    reads_back(content, decode_attempt);
    reads_back(content, decode_dead_letter);
    reads_back(content, decode_position);
    return 0;
}
