// What is live in the oldest segments, where that is little, is appended again, so that they can go: docs/adr/0017-carry.md.
// Who has the baton decides when; the thread that reads files reads, a piece at a time, and the next round writes.
#include <algorithm>
#include <new>

#include "journal/journal_store.hpp"
#include "journal/segment_reading.hpp"

namespace godwit::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t segments_at_once = 64;
constexpr std::uint64_t bytes_at_once = 1u << 20;
constexpr int looks_cost_at_most = 20;  // of that time one in so many
constexpr auto after_a_full_disk = 1s;

offset end_of(const footer_row& row) noexcept { return std::max(row.end, row.carried_end); }

}  // namespace

void journal_store::look_to_carry() {
    look_to_carry_ = std::min(look_to_carry_, std::max(clock::now(), looked_to_carry_ + options_.looks_to_carry_every));
}

// False: something in it goes by itself, and not yet. `out`: with the streams alone that need the segment.
bool journal_store::what_to_carry(const known_segment& of, bool for_room, known_segment& out,
                                  std::uint64_t& bytes) const {
    const wall_time now = system_time().wall();
    const std::uint64_t number = of.header.number, each = of.size / std::max<std::uint64_t>(1, of.footer.records);
    out.header = of.header;
    for (const footer_row& row : of.footer.rows) {
        const auto found = streams_.find(row.stream);
        if (found == streams_.end()) return false;
        const live_stream& stream = found->second;
        if (!is_live_in(number, row, stream.released, stream.carried)) continue;
        if (stream.gives_up || stream.age_max > 0ms) {
            const std::int64_t latest = of.footer.latest;
            if (may_give_up(stream, end_of(row), latest, false, now)) continue;
            if (for_room && may_give_up(stream, end_of(row), latest, true, now)) continue;
            return false;
        }
        out.footer.rows.push_back(row);
        if (row.first < row.end)
            bytes += each * stream.carried.count_not_carried({row.first, row.end - 1}, stream.released);
        if (row.carried_first == row.carried_end) continue;
        stream.carried.for_each_in({row.carried_first, row.carried_end - 1}, [&](const carried_place& one) {
            if (one.segment == number) bytes += one.bytes;
        });
    }
    return true;
}

// With the baton.
void journal_store::plan_to_carry() {
    const auto begun = clock::now();
    look_to_carry_ = clock::time_point::max();
    choose_what_to_carry();
    const auto ended = clock::now();
    looked_to_carry_ = ended + (ended - begun) * looks_cost_at_most;
}

void journal_store::choose_what_to_carry() {
    if (carry_ || closed_ || !health_ || writer_->sealed().empty()) return;
    const std::uint64_t segment = options_.limits.segment_bytes, used = file_bytes_ + queued_bytes_;
    const bool for_room = used + 3 * segment > options_.limits.bytes_max;
    const std::uint64_t overhead = 2 * writer_->checkpoint_bytes();
    carry_job job;
    std::uint64_t size = 0, live = 0;
    const auto pays = [&] {
        if (for_room) return live <= segment && size >= segment / 2 + overhead + 2 * live;
        return size >= segment + overhead && live < size / 8 && used + live + 2 * segment <= options_.limits.bytes_max;
    };
    for (const known_segment& one : writer_->sealed()) {
        if (job.from.size() == segments_at_once || !what_to_carry(one, for_room, job.from.emplace_back(), live)) return;
        size += one.size;
        if (live > 0 && pays()) break;  // what is settled before and between goes along
    }
    if (live == 0 || !pays()) return;
    const std::uint64_t first = job.from.front().header.number;
    if (first == carry_refused_.segment && live > carry_refused_.bytes / 2) return;
    job.estimate = live;
    job.bytes_left = for_room ? std::min(size / 2, segment) : size / 4;
    carry_ = std::move(job);
    reads_come_.notify_one();
}

// Where the next live record of the job stands; nothing: that was all.
std::optional<batch_places::place> journal_store::next_to_carry(stream_id& stream, offset& at) {
    for (carry_job& job = *carry_; job.segment < job.from.size(); ++job.segment, job.row = 0, job.at = 0) {
        const known_segment& from = job.from[job.segment];
        const std::uint64_t number = from.header.number;
        for (; job.row < from.footer.rows.size(); ++job.row, job.at = 0) {
            const footer_row& row = from.footer.rows[job.row];
            const live_stream& of = streams_[row.stream];
            stream = row.stream;
            // In a segment the copies of a stream are of earlier records than those that came first there.
            if (const offset first = std::max(row.carried_first, job.at); first < row.carried_end) {
                if (const carried_place* copy = of.carried.first_in(number, {first, row.carried_end - 1})) {
                    at = of.released.first_missing(std::max(first, copy->first));
                    return batch_places::place{number, copy->position};
                }
            }
            if (const offset first = std::max(row.first, job.at); first < row.end) {
                at = of.carried.first_not_carried({first, row.end - 1}, of.released);
                if (at < row.end) return places_.find(stream, at).value_or(batch_places::place{number, 0});
            }
        }
    }
    return std::nullopt;
}

// What was read from there goes into the job's entry, as far as it is next. False: it is not what was looked for.
bool journal_store::take_to_carry(const segment_reading& read, stream_id stream) {
    bool any = false;
    for (const auto& one : read.wanted) {
        const batch_view& view = one.batch.view;
        const std::size_t segment = carry_->segment, row = carry_->row;
        stream_id next_stream;
        offset next = 0;
        if (!next_to_carry(next_stream, next) || carry_->segment != segment || carry_->row != row) return true;
        if (view.last() < next) continue;
        if (view.first() > next) continue;
        const live_stream& of = streams_[stream];
        const auto live =
            of.carried.live_in(carry_->from[segment].header.number, {view.first(), view.last()}, of.released);
        std::uint64_t count = 0;
        for (const offset_range& part : live) count += part.count();
        batch_ref copy = count < view.count() ? cut(view, live) : batch_ref{};
        if (copy.empty()) copy = one.batch;  // all of it, or it is encoded
        carry_->bytes += copy.view.data().size();
        carry_->made.push_back({std::move(copy), one.when});
        carry_->at = view.last() + 1;
        any = true;
    }
    return any;
}

void journal_store::carry_or_wait(lock& hold) {
    try {
        carry_some(hold);
    } catch (const std::bad_alloc&) {
        if (!hold.owns_lock()) hold.lock();
        wait_to_carry();
    }
}

// By the thread that reads: a step.
void journal_store::carry_some(lock& hold) {
    stream_id stream;
    offset at = 0;
    const auto place = next_to_carry(stream, at);
    const std::uint64_t at_once = std::min(bytes_at_once, options_.limits.segment_bytes / 4);
    if (place && carry_->bytes < at_once) {
        hold.unlock();
        const segment_reading read = read_segment(*directory_, *place, stream, at, at_once);
        hold.lock();
        learn_places(*place, read);
        if (!carry_ || carry_->queued) return;
        if (read.why.failed(errc::no_resources)) return wait_to_carry();
        if (take_to_carry(read, stream)) {
            if (carry_->bytes <= carry_->bytes_left) return;
            carry_refused_ = {carry_->from.front().header.number, carry_->estimate};
        } else if (!streams_[stream].released.contains(at)) {
            carry_refused_ = {carry_->from.front().header.number, 0};  // it cannot be read
        } else {
            return;
        }
        carry_.reset();
        return;
    }
    if (!carry_->made.empty()) {
        queue_.push_back({carried_entry(std::exchange(carry_->made, {})), stage::accepted, nullptr, 0});
        carry_->bytes_left -= carry_->bytes;
        carry_->bytes = 0;
        carry_->queued = true;
    } else {
        carry_.reset();
        trims_ = true;
        release_due_ = clock::now();
        look_to_carry();
    }
    work_.notify_one();
}

void journal_store::publish_carried(const entry& what, const journal_writer::placed& where) {
    const auto when = decode_carried(what.notes.front().content);
    for (std::size_t i = 0; i < what.batches.size(); ++i) {
        const batch_view& view = what.batches[i].view;
        live_stream& of = streams_[view.stream()];
        of.carried.put({view.first(), view.last(), where.segment, where.position, when[i], view.data().size()});
        of.carried.forget({view.first(), view.last()}, of.released);
    }
    if (carry_) carry_->queued = false;
    reads_come_.notify_one();
}

// What is not written is not waited for.
void journal_store::drop_carried() {
    std::erase_if(queue_, [](const submission& one) { return is_carried(one.what); });
    carry_.reset();
    carry_later();
}

// For memory, or descriptors.
void journal_store::wait_to_carry() {
    if (carry_ && !carry_->queued) carry_.reset();
    carry_later();
    work_.notify_one();
}

void journal_store::carry_later() { look_to_carry_ = std::min(look_to_carry_, clock::now() + after_a_full_disk); }

}  // namespace godwit::detail
