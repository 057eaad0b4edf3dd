// The plain mapping: whatever frames a peer sends, each reading of the message stays within them.
#include <vector>

#include "base/block.hpp"
#include "godwit/message.hpp"
#include "require.hpp"

using namespace godwit;

namespace {

void read_all(const message& whole, std::span<const bytes> frames) {
    require(whole.frame_count() == frames.size(), "as many frames as were put in");
    std::size_t sum = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        require(as_text(whole.frame(i)) == as_text(frames[i]), "each as it was");
        sum += frames[i].size();
    }
    require(whole.size_bytes() == sum, "the size is theirs together");
    require(as_text(whole.body()) == as_text(frames[frames.size() < 2 ? 0 : 1]), "the body is the second, or the only");
    require(whole.topic() == (frames.size() < 2 ? std::string_view{} : as_text(frames[0])), "the topic is the first");
    require(whole.key() == (frames.size() < 3 ? std::string_view{} : as_text(frames[2])), "the key is the third");
    for (std::size_t i = 0; i < whole.header_count(); ++i) {
        const auto one = whole.header_at(i);
        require(one.name == as_text(frames[3 + 2 * i]), "names come from the fourth on");
        require(!whole.header_value(one.name).empty() || whole.header_value(one.name).size() == 0, "values are views");
    }
}

}  // namespace

// The first byte: how many frames are an envelope. Then frames, each behind a byte with its size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input from{data, size};
    const std::size_t envelope = from.byte() % 8u;
    std::vector<bytes> frames;
    while (!from.empty()) frames.push_back(as_bytes(from.text(from.byte())));
    const auto made = message::from_frames(frames);
    require(made.has_value() == (!frames.empty() && frames.size() <= 132), "one frame to 132 are a message");
    if (!made) return 0;
    read_all(*made, frames);
    const message copy{*made};
    read_all(copy.detached(), frames);
    if (envelope >= frames.size()) return 0;
    // What rep and req do with an envelope; `copy` shares the frames, and must not change.
    read_all(detail::message_access::hide_frames(message{copy}, envelope), std::span{frames}.subspan(envelope));
    read_all(copy, frames);
    // Made of parts, its frames are the parts'.
    const auto parts = message::make({copy.topic(), copy.key(), {}, copy.body()});
    require(parts.has_value() && parts->topic() == copy.topic() && parts->key() == copy.key(), "parts come back");
    require(as_text(parts->body()) == as_text(copy.body()), "and the body");
    return 0;
}
