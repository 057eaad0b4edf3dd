// A segment's file as a disk may give it back: whatever its bytes are, walking it reads inside them, stops, and what passes
// can be taken apart; and a tail is judged.
#include <algorithm>
#include <cstring>
#include <vector>

#include "journal/segment_walk.hpp"
#include "require.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

class bytes_as_file final : public file {
public:
    explicit bytes_as_file(bytes content) : content_{content} {}
    result<std::size_t> read(std::uint64_t at, std::span<std::byte> into) const override {
        if (at >= content_.size()) return std::size_t{0};
        const std::size_t size = std::min<std::size_t>(into.size(), content_.size() - at);
        std::memcpy(into.data(), content_.data() + at, size);
        return size;
    }
    status write(std::uint64_t, std::span<const bytes>) override { return errc::unsupported; }
    status allocate(std::uint64_t) override { return errc::unsupported; }
    status resize(std::uint64_t) override { return errc::unsupported; }
    status sync() override { return {}; }
    result<std::uint64_t> size() const override { return content_.size(); }

private:
    bytes content_;
};

// The checksums are made right, so that what lies behind them is reached: of each head that is where the walk comes to.
void sign_heads(std::vector<std::byte>& content, std::uint64_t seed) {
    namespace jf = journal_format;
    for (std::uint64_t at = jf::header_bytes; at + jf::head_bytes <= content.size();) {
        entry_head head;
        const bytes rest = bytes{content}.subspan(at);
        (void)decode_head(rest, seed, head);
        if (head.size < jf::head_bytes || head.size % jf::alignment != 0 || head.size > rest.size()) return;
        head.content = content_checksum(rest.first(head.size), seed);
        const head_image image = encode(head, seed);
        std::memcpy(content.data() + at, image.data(), image.size());
        at += head.size;
    }
}

void walk(bytes content, const segment_header& header) {
    const bytes_as_file opened{content};
    segment_walk through{opened, header, journal_format::header_bytes, content.size()};
    decoded_entry each;
    std::uint64_t before = through.position();
    for (auto next = through.next(); next.value() == segment_walk::found::entry; next = through.next()) {
        require(through.position() > before && through.position() <= content.size(),
                "the walk goes on, inside the file");
        before = through.position();
        each.head = through.head();
        if (!decode_content(through.whole(), each)) continue;
        for (const batch_view& batch : each.batches) require(batch.first() <= batch.last(), "a batch has records");
    }
    (void)judge_tail(opened, header, through.position(), content.size(), through.expected(), 0).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes given{reinterpret_cast<const std::byte*>(data), size};
    if (auto header = decode_header(given)) walk(given, *header);
    segment_header header;
    std::vector<std::byte> content(given.begin(), given.end());
    if (content.size() < journal_format::header_bytes) content.resize(journal_format::header_bytes);
    const header_image image = encode(header);
    std::memcpy(content.data(), image.data(), image.size());
    sign_heads(content, header.seed);
    walk(content, header);
    (void)decode_footer(given, 0);
    return 0;
}
