#include <utility>
#include <vector>

#include "base/batch.hpp"
#include "base/block.hpp"
#include "base/record_writer.hpp"

namespace godwit::detail {

namespace f = batch_format;

namespace {

// Calls each(position, size) for the records of `from` that are wanted, in their order.
template <class F>
void for_each_wanted(const batch_view& from, std::span<const offset_range> wanted, F&& each) {
    const std::byte* const data = from.data().data();
    const std::uint32_t end = from.records_end();
    auto range = wanted.begin();
    for (std::uint32_t position = from.begin_position(); position < end;) {
        const auto size = f::load<std::uint32_t>(data + position);
        const offset at = from.base() + f::load<std::uint32_t>(data + position + f::record_delta_at);
        while (range != wanted.end() && range->last < at) ++range;
        if (range == wanted.end()) return;
        if (range->first <= at) each(position, size);
        position += size;
    }
}

// Which topics the cut keeps, and what their numbers are there.
class kept_topics {
public:
    explicit kept_topics(const batch_view& from) : from_{from}, table_{from.data().subspan(from.records_end())} {
        if (!table_.empty()) numbers_.resize(f::load<std::uint32_t>(table_.data()) + std::size_t{1});
    }
    void use(std::uint16_t index) noexcept {
        if (index == 0 || numbers_[index] != 0) return;
        numbers_[index] = ++count_;
        text_bytes_ += from_.topic_at(index).size();
    }
    bool all() const noexcept { return count_ + std::size_t{1} >= numbers_.size(); }
    std::size_t size_bytes() const noexcept {
        if (all()) return table_.size();
        return count_ == 0 ? 0 : sizeof(std::uint32_t) * (count_ + std::size_t{1}) + text_bytes_;
    }
    // `records`: the copies, whose numbers are changed to the new ones.
    void write(std::byte* records, std::byte* to) const noexcept;

private:
    batch_view from_;
    bytes table_;
    std::vector<std::uint16_t> numbers_;  // by the old number: in the order of use
    std::uint16_t count_ = 0;
    std::size_t text_bytes_ = 0;
};

void kept_topics::write(std::byte* records, std::byte* to) const noexcept {
    if (all()) {
        if (!table_.empty()) std::memcpy(to, table_.data(), table_.size());
        return;
    }
    if (count_ == 0) return;
    f::store(to, std::uint32_t{count_});
    std::byte* const ends = to + sizeof(std::uint32_t);
    std::byte* const text = ends + count_ * sizeof(std::uint32_t);
    std::uint32_t end = 0;
    std::uint16_t written = 0;
    // A topic's first record comes in the order of the new numbers.
    for (std::byte* record = records; record < to; record += f::load<std::uint32_t>(record)) {
        const auto index = f::load<std::uint16_t>(record + f::record_topic_at);
        if (index == 0) continue;
        const std::uint16_t number = numbers_[index];
        if (number > written) {
            const std::string_view topic = from_.topic_at(index);
            std::memcpy(text + end, topic.data(), topic.size());
            end += static_cast<std::uint32_t>(topic.size());
            f::store(ends + written * sizeof(std::uint32_t), end);
            ++written;
        }
        f::store(record + f::record_topic_at, number);
    }
}

}  // namespace

batch_ref cut(const batch_view& from, std::span<const offset_range> wanted) {
    if (from.data().empty() || from.codec() != f::codec_none) return {};
    const std::byte* const data = from.data().data();
    batch_header header{.stream = from.stream(), .base = from.base(), .sealed = from.sealed()};
    kept_topics topics{from};
    for_each_wanted(from, wanted, [&](std::uint32_t position, std::uint32_t size) {
        const std::byte* const record = data + position;
        ++header.count;
        header.record_bytes += size;
        header.last_delta = f::load<std::uint32_t>(record + f::record_delta_at);
        topics.use(f::load<std::uint16_t>(record + f::record_topic_at));
        if (f::load<std::uint8_t>(record + f::record_priority_at) != priority_default ||
            (f::load<std::uint8_t>(record + f::record_flags_at) & f::has_times) != 0) {
            header.flags = f::flag_exceptions;
        }
    });
    if (header.count == 0) return {};
    header.bytes = static_cast<std::uint32_t>(f::header_bytes + header.record_bytes + topics.size_bytes());

    block* const made = make_open_block(header.bytes, header.bytes);
    auto* const memory = const_cast<std::byte*>(made->frames[0].data());
    std::byte* to = memory + f::header_bytes;
    std::uint32_t run = 0;  // neighbours are copied in one piece
    std::uint32_t run_end = 0;
    const auto copy_run = [&] {
        if (run_end != run) std::memcpy(to, data + run, run_end - run);
        to += run_end - run;
    };
    for_each_wanted(from, wanted, [&](std::uint32_t position, std::uint32_t size) {
        if (position != run_end) {
            copy_run();
            run = position;
        }
        run_end = position + size;
    });
    copy_run();
    topics.write(memory + f::header_bytes, to);
    write_header(memory, header);
    f::sign(memory, header.bytes);
    made->frames[0] = {memory, header.bytes};
    batch_ref cut_out{message_access::from_block(made), {}};
    cut_out.view = batch_view::trusted(cut_out.holder.body());
    return cut_out;
}

}  // namespace godwit::detail
