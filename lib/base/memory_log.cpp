#include "base/memory_log.hpp"

#include <cassert>
#include <map>
#include <new>

#include "base/kept_batch.hpp"

namespace godwit::detail {

namespace {

// By last offset: appending is at the end, a batch in the middle can go, and no call costs more than a search.
using batch_map = std::map<offset, kept_batch>;

constexpr std::size_t keeping_bytes = sizeof(batch_map::value_type) + 48;

struct kept_stream {
    batch_map batches;
    offset next = 0;
};

class memory_log final : public record_log {
public:
    explicit memory_log(const memory_log_options& options) : bytes_max_{options.bytes_max} {}

    stage reaches() const noexcept override { return stage::accepted; }
    offset next_offset(stream_id stream) const override;
    log_answer append(entry&& what, stage wanted, log_ticket& ticket) override;
    read_batch read(stream_id stream, offset from) override;
    offset visible(stream_id stream) const override { return next_offset(stream); }
    offset first(stream_id stream) const override;
    void release(stream_id stream, std::span<const offset_range> settled) override;
    offset drop_below(stream_id stream, offset end) override;
    std::uint64_t bytes_used() const noexcept override { return bytes_used_; }
    std::uint64_t bytes_max() const noexcept override { return bytes_max_; }
    std::optional<log_event> take_event() override;
    void on_event(std::function<void()> tell) override { tell_ = std::move(tell); }

private:
    void release_one(kept_stream& of, offset_range settled);
    void tell_of_space();

    const std::uint64_t bytes_max_;
    std::map<stream_id, kept_stream> streams_;
    std::uint64_t bytes_used_ = 0;
    bool was_full_ = false;   // and nobody has been told since that there is space
    bool has_event_ = false;  // `space`, the only one there is
    std::function<void()> tell_;
};

std::uint64_t cost(const kept_batch& of) noexcept { return of.size_bytes() + keeping_bytes; }

offset memory_log::next_offset(stream_id stream) const {
    const auto found = streams_.find(stream);
    return found != streams_.end() ? found->second.next : 0;
}

// What has been put in before memory ran out is taken back: an entry is true as a whole.
log_answer memory_log::append(entry&& what, stage, log_ticket&) {
    if (bytes_used_ >= bytes_max_ && !what.batches.empty()) {
        was_full_ = true;
        return log_answer::full;
    }
    std::size_t put_in = 0;
    try {
        for (; put_in < what.batches.size(); ++put_in) {
            const batch_ref& batch = what.batches[put_in];
            kept_stream& to = streams_[batch.view.stream()];
            assert(batch.view.first() >= to.next);
            to.batches.emplace_hint(to.batches.end(), batch.view.last(), kept_batch{batch});
        }
    } catch (...) {
        while (put_in-- > 0) {
            const batch_view& view = what.batches[put_in].view;
            streams_[view.stream()].batches.erase(view.last());
        }
        throw;
    }
    for (const batch_ref& batch : what.batches) {
        streams_.find(batch.view.stream())->second.next = batch.view.last() + 1;
        bytes_used_ += batch.view.data().size() + keeping_bytes;
    }
    what = {};
    return log_answer::done;
}

read_batch memory_log::read(stream_id stream, offset from) {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return {};
    const batch_map& batches = found->second.batches;
    // Of two batches that end at `from` or above, the second has only records above it, and a live one.
    for (auto at = batches.lower_bound(from); at != batches.end(); ++at) {
        if (offset live = 0; at->second.first_live(from, live)) return {log_answer::done, at->second.batch()};
    }
    return {};
}

offset memory_log::first(stream_id stream) const {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return 0;
    const batch_map& batches = found->second.batches;
    offset lowest = found->second.next;
    if (!batches.empty()) batches.begin()->second.first_live(0, lowest);
    return lowest;
}

void memory_log::release(stream_id stream, std::span<const offset_range> settled) {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return;
    for (const offset_range& range : settled) release_one(found->second, range);
    tell_of_space();
}

void memory_log::release_one(kept_stream& of, offset_range settled) {
    auto at = of.batches.lower_bound(settled.first);
    while (at != of.batches.end() && at->second.batch().view.first() <= settled.last) {
        kept_batch& batch = at->second;
        const std::uint64_t before = cost(batch);
        batch.release(settled);
        if (batch.live() == 0) {
            bytes_used_ -= before;
            at = of.batches.erase(at);
            continue;
        }
        try {
            if (batch.shrink()) {
                // Its last record may be another now: the place in the map goes with it.
                bytes_used_ = bytes_used_ - before + cost(batch);
                auto node = of.batches.extract(at++);
                node.key() = node.mapped().last();
                of.batches.insert(at, std::move(node));
                continue;
            }
        } catch (const std::bad_alloc&) {
            // A cut would have saved memory; without it the batch stays as it is.
        }
        ++at;
    }
}

void memory_log::tell_of_space() {
    if (!was_full_ || bytes_used_ >= bytes_max_) return;
    was_full_ = false;
    has_event_ = true;
    if (tell_) tell_();
}

offset memory_log::drop_below(stream_id stream, offset end) {
    if (end > 0) {
        const offset_range gone{0, end - 1};
        release(stream, {&gone, 1});
    }
    return first(stream);
}

std::optional<log_event> memory_log::take_event() {
    if (!has_event_) return std::nullopt;
    has_event_ = false;
    return log_event{.what = log_event::kind::space};
}

}  // namespace

std::unique_ptr<record_log> make_memory_log(const memory_log_options& options) {
    return std::make_unique<memory_log>(options);
}

}  // namespace godwit::detail
