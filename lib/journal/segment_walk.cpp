#include "journal/segment_walk.hpp"

#include <algorithm>

namespace godwit::detail {

namespace jf = journal_format;

namespace {

constexpr std::size_t window_bytes = 1u << 20;

bool all_zero(bytes part) noexcept {
    return std::all_of(part.begin(), part.end(), [](std::byte one) { return one == std::byte{0}; });
}

}  // namespace

result<bytes> segment_walk::window(std::uint64_t at, std::uint64_t size) {
    size = std::min(size, end_ - std::min(at, end_));
    if (at < memory_at_ || at + size > memory_at_ + memory_size_) {
        const auto wanted = static_cast<std::size_t>(std::min(std::max<std::uint64_t>(size, window_bytes), end_ - at));
        if (memory_.size() < wanted) memory_.resize(wanted);
        const auto got = file_.read(at, {memory_.data(), wanted});
        if (!got) return got.error();
        memory_at_ = at;
        memory_size_ = *got;
        size = std::min<std::uint64_t>(size, *got);
    }
    return bytes{memory_.data() + (at - memory_at_), static_cast<std::size_t>(size)};
}

result<segment_walk::found> segment_walk::next() {
    const auto start = window(position_, jf::head_bytes);
    if (!start) return start.error();
    entry_head head;
    if (!decode_head(*start, header_.seed, head)) return found::nothing;
    if (expected_ != 0 && (head.number != expected_ || head.chain != chain_)) return found::nothing;
    if (head.size > end_ - position_) return found::nothing;
    const auto whole = window(position_, head.size);
    if (!whole) return whole.error();
    if (whole->size() < head.size || !content_passes(*whole, header_.seed, head)) return found::nothing;
    return take(head, *whole);
}

segment_walk::found segment_walk::take(const entry_head& head, bytes whole) noexcept {
    head_ = head;
    whole_ = whole;
    begin_ = position_;
    position_ += head.size;
    expected_ = head.number + 1;
    chain_ = head.checksum;
    return found::entry;
}

result<segment_walk::found> segment_walk::search(lsn least) {
    for (std::uint64_t at = position_; at + jf::head_bytes <= end_; at += jf::alignment) {
        const auto start = window(at, jf::head_bytes);
        if (!start) return start.error();
        entry_head head;
        if (!decode_head(*start, header_.seed, head) || head.number < least || head.size > end_ - at) continue;
        const auto whole = window(at, head.size);
        if (!whole) return whole.error();
        if (whole->size() < head.size || !content_passes(*whole, header_.seed, head)) continue;
        position_ = at;
        return take(head, *whole);
    }
    return found::nothing;
}

result<tail_verdict> judge_tail(const file& of, const segment_header& header, std::uint64_t position, std::uint64_t end,
                                lsn number, lsn mark) {
    tail_verdict verdict{tail_verdict::kind::end, mark};
    std::vector<std::byte> memory(window_bytes + jf::head_bytes);
    for (std::uint64_t at = position; at < end; at += window_bytes) {
        const auto got =
            of.read(at, {memory.data(), static_cast<std::size_t>(std::min<std::uint64_t>(memory.size(), end - at))});
        if (!got) return got.error();
        const bytes part{memory.data(), *got};
        if (all_zero(part)) continue;
        verdict.what = tail_verdict::kind::torn;
        for (std::size_t i = 0; i < window_bytes && i + jf::head_bytes <= part.size(); i += jf::alignment) {
            entry_head head;
            if (decode_head(part.subspan(i), header.seed, head)) {
                verdict.confirmed = std::max(verdict.confirmed, head.durable);
            }
        }
    }
    if (verdict.what == tail_verdict::kind::torn && number <= verdict.confirmed)
        verdict.what = tail_verdict::kind::damaged;
    return verdict;
}

}  // namespace godwit::detail
