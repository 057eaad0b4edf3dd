// A memory's files as a disk may give them back: whatever their bytes are, reading them stays inside; what is read is written
// again, and reads the same.
#include "dedup/mark_format.hpp"
#include "require.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

std::string all_of(const guard& memory) {
    std::string content;
    put_all(content, memory);
    return content;
}

// What is below a floor that came later is not written again: from then on it says the same.
void apply(bytes content) {
    guard memory{1000};
    bool closed = false;
    if (!apply_marks(content, memory, closed)) return;
    std::size_t before = 0;
    for (std::string written = all_of(memory); written.size() != before;) {
        guard again{1000};
        require(apply_marks(as_bytes_of(written), again, closed).has_value(), "what is written can be read");
        before = written.size();
        written = all_of(again);
        require(written.size() <= before, "and says no more");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes given{reinterpret_cast<const std::byte*>(data), size};
    if (const auto place = decode_place(given)) (void)encode(*place);
    if (const auto header = decode_mark_file(given))
        require(decode_mark_file(as_bytes_of(encode(*header))).has_value(), "a header that is written can be read");
    if (const auto found = find_marks(given, 7)) require(found->size_bytes <= size, "an entry is inside");
    apply(given);
    // Its checksum made right, so that what lies behind it is reached.
    const std::string sealed = seal_marks({reinterpret_cast<const char*>(data), size}, 1, 0, 7);
    const auto found = find_marks(as_bytes_of(sealed), 7);
    require(found && found->content.size() == size, "what is sealed is found");
    return 0;
}
