// Records from memory, or from files: see journal_store.hpp.
#include <algorithm>
#include <new>

#include "journal/journal_store.hpp"
#include "journal/segment_reading.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t read_ahead_bytes = 1u << 20;
constexpr auto descriptors_pause = std::chrono::milliseconds{50};

}  // namespace

void journal_store::cache(const batch_ref& batch) {
    const stream_id stream = batch.view.stream();
    streams_[stream].keep(batch);
    cached_.push_back({stream, batch.view.last(), batch.view.data().size()});
    cached_bytes_ += cached_.back().bytes;
    while (cached_bytes_ > options_.cache_bytes && cached_.size() > 1) {
        const cached_batch& oldest = cached_.front();
        streams_[oldest.stream].drop(oldest.last);
        cached_bytes_ -= oldest.bytes;
        cached_.pop_front();
    }
}

// `at`: of the record that is read first. Done, released, or pending: it has to be loaded.
read_batch journal_store::in_memory(stream_id stream, offset from, offset& at) const {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return {};
    at = found->second.released.first_missing(from);
    if (at >= found->second.visible) return {};
    if (const batch_ref* const here = found->second.find(at)) return {log_answer::done, *here};
    return {log_answer::pending, {}};
}

read_batch journal_store::read(stream_id stream, offset from, const std::shared_ptr<log_listener>& who) {
    const lock hold{mutex_};
    offset at = 0;
    read_batch found = in_memory(stream, from, at);
    if (found.answer != log_answer::pending || !reading_) return found;
    auto& waiting = reads_[{stream, at}];
    if (std::ranges::find(waiting, who) == waiting.end()) waiting.push_back(who);
    reads_come_.notify_one();
    return found;
}

result<read_batch> journal_store::read_now(stream_id stream, offset from) {
    lock hold{mutex_};
    for (;;) {
        offset at = 0;
        read_batch found = in_memory(stream, from, at);
        if (found.answer != log_answer::pending) return found;
        if (auto loaded = load(hold, stream, at); !loaded) return loaded.error();
    }
}

std::optional<batch_places::place> journal_store::place_of(stream_id stream, offset at) const {
    const auto of = streams_.find(stream);
    const carried_place* const copy = of != streams_.end() ? of->second.carried.find(at) : nullptr;
    return copy != nullptr ? batch_places::place{copy->segment, copy->position} : places_.find(stream, at);
}

void journal_store::learn_places(const batch_places::place& from, const segment_reading& read) {
    for (const auto& one : read.seen) places_.add(from.segment, one.position, one.stream, one.first, one.last);
    if (from.position == 0 && read.why) places_.complete(from.segment);
}

// Reads from the place of that record on, also those behind it, into memory.
status journal_store::load(lock& hold, stream_id stream, offset at) {
    auto place = place_of(stream, at);
    segment_reading read;
    for (std::uint64_t tried = 0; place; place = place_of(stream, at)) {
        hold.unlock();
        read = read_segment(*directory_, *place, stream, at, read_ahead_bytes);
        hold.lock();
        if (!read.why.failed(errc::not_found) || place->segment == std::exchange(tried, place->segment)) break;
        while (baton_held_) done_.wait(hold);  // it was carried, and the round that let go of its file says where
    }
    if (!place) return error{errc::corrupt, "record " + std::to_string(at), "no segment has it"};
    learn_places(*place, read);
    const offset visible = streams_[stream].visible;
    // The one that was asked for comes last, so that no other takes its place.
    for (auto one = read.wanted.rbegin(); one != read.wanted.rend(); ++one) {
        if (one->batch.view.last() < visible) cache(one->batch);
    }
    if (!read.why) return read.why;
    if (streams_[stream].find(at) == nullptr && !streams_[stream].released.contains(at))
        return error{errc::corrupt, segment_name(place->segment), "record " + std::to_string(at) + " cannot be read"};
    return {};
}

status journal_store::loaded_or_starved(lock& hold, const wanted_read& what) {
    try {
        return load(hold, what.stream, what.at);
    } catch (const std::bad_alloc&) {
        if (!hold.owns_lock()) hold.lock();
        return errc::no_resources;
    }
}

void journal_store::read_thread(const std::stop_token& stop) {
    lock hold{mutex_};
    while (reads_come_.wait(hold, stop, [this] { return !reads_.empty() || carries(); })) {
        if (reads_.empty()) {
            carry_or_wait(hold);
            continue;
        }
        const auto first = reads_.begin()->first;
        auto loaded = loaded_or_starved(hold, first);
        if (loaded.failed(errc::no_resources)) {  // it may have them later
            reads_come_.wait_for(hold, stop, descriptors_pause, [] { return false; });
            continue;
        }
        if (!loaded && reading_) reading_ = std::move(loaded);
        const auto done = reads_.find(first);
        for (auto& who : done->second) {
            who->put({.what = log_event::kind::readable});
            to_tell_.push_back(std::move(who));
        }
        reads_.erase(done);
        tell(hold);
    }
}

}  // namespace godwit::detail
