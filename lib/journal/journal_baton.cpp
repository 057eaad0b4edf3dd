// Who writes and syncs, and what is told then: see journal_store.hpp.
#include <algorithm>
#include <new>

#include "journal/journal_store.hpp"

namespace godwit::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t unsynced_bytes_max = 64u << 20;
constexpr auto sync_every = 1s;  // of what nobody waits for
constexpr auto mark_after = 1s;  // without an append
constexpr auto starved_pause = 200ms;

}  // namespace

void journal_store::tell(lock& hold) {
    listeners told = std::exchange(to_tell_, {});
    if (told.empty()) return;
    std::ranges::sort(told);
    told.erase(std::unique(told.begin(), told.end()), told.end());
    hold.unlock();
    for (const auto& one : told) one->tell();
    hold.lock();
}

std::optional<entry> journal_store::unsaved_as_entry() {
    entry made;
    made.notes = std::exchange(unsaved_notes_, {});
    for (auto& [id, one] : streams_) {
        if (one.unsaved.empty()) continue;
        made.notes.push_back(note_of(note::kind::settlement, id, ranges_as_bytes(one.unsaved)));
        one.unsaved.clear();
    }
    release_due_.reset();
    if (made.notes.empty()) return std::nullopt;
    return made;
}

void journal_store::round(lock& hold) {
    baton_held_ = true;
    try {
        write_and_sync(hold);
    } catch (const std::bad_alloc&) {
        // What of it was written is not known.
        if (!hold.owns_lock()) hold.lock();
        std::deque<submission> none;
        fail(error{errc::no_resources, "journal", "memory ran out: open it again"}, none);
    }
    baton_held_ = false;
    done_.notify_all();
    work_.notify_one();
    tell(hold);
}

// One write of all that has gathered, and one sync if anybody waits for it or it is due.
void journal_store::write_and_sync(lock& hold) {
    std::deque<submission> now;
    if (auto notes = unsaved_as_entry()) {
        now.push_back({std::move(*notes), stage::accepted, nullptr, 0});
        look_to_carry();  // something may be settled
    }
    std::ranges::move(queue_, std::back_inserter(now));
    queue_.clear();
    const bool wants_space = std::exchange(trims_, false) || space_wanted_;
    const bool marks = std::exchange(mark_due_, false);
    const bool sync_due = last_sync_ + sync_every <= clock::now();
    const auto ends_before = too_old_before();
    hold.unlock();

    const std::uint64_t segment_before = writer_->header().number;
    std::vector<journal_writer::placed> where;
    std::size_t written = 0;
    status done = write_round(now, where, written);
    const bool starved = done.failed(errc::full);
    status lacks = starved ? std::exchange(done, {}) : status{};
    if (done && wants_space) done = writer_->trim();
    const bool trims_later = !starved && done.failed(errc::full);
    if (done && ends_before) done = writer_->end_segment_before(*ends_before);
    if (done.failed(errc::full)) done = {};
    file_bytes_ = writer_->bytes_used();

    hold.lock();
    publish_written(now, written, where);
    if (writer_->header().number != segment_before) look_to_carry();
    starved_ = starved;
    lacks_ = std::move(lacks);
    if (trims_later) {
        trims_ = true;
        carry_later();
    }
    if (starved) {
        last_write_ = clock::now();  // it was tried
        std::move(now.rbegin(), std::prev(now.rend(), static_cast<std::ptrdiff_t>(written)),
                  std::front_inserter(queue_));
        drop_carried();
    }
    const bool waited = std::ranges::any_of(now, [](const submission& one) { return one.wanted == stage::durable; }) ||
                        written_ticket_ > synced_ticket_;
    const bool syncs = done && writer_->durable() < writer_->last() &&
                       ((waited && options_.reaches == stage::durable) || sync_due ||
                        writer_->unsynced_bytes() >= unsynced_bytes_max || wants_space);
    if (options_.reaches != stage::durable) tell(hold);
    if (syncs || (done && marks)) {
        hold.unlock();
        done = marks && writer_->needs_mark() ? writer_->mark() : writer_->sync();
        hold.lock();
        if (done) publish_synced();
        last_sync_ = clock::now();
        if (done.failed(errc::full)) done = {};  // of a mark: later
    } else if (done && writer_->durable() == writer_->last()) {
        publish_synced();  // a new segment was begun behind it
    }
    if (!done) fail(std::move(done), now);
    if (health_ && give_up_what_is_due()) release_due_ = clock::now();
    remove_more_in(trims_later ? starved_pause : 0ms);  // a disk may refuse even that
    if (look_to_carry_ <= clock::now()) plan_to_carry();
    tell_of_space();
}

void journal_store::remove_more_in(std::chrono::milliseconds time) {
    if (!writer_->has_unneeded()) return;
    trims_ = true;
    release_due_ = clock::now() + time;
}

status journal_store::write_round(std::deque<submission>& now, std::vector<journal_writer::placed>& where,
                                  std::size_t& written) {
    std::vector<entry> entries;
    for (submission& one : now) entries.push_back(std::move(one.what));
    auto done = writer_->append(entries, where);
    if (done.why.failed(errc::full) && writer_->trim()) {
        const auto more = writer_->append(std::span{entries}.subspan(done.entries), where);
        done = {done.entries + more.entries, more.why};
    }
    for (std::size_t i = 0; i < now.size(); ++i) now[i].what = std::move(entries[i]);
    written = done.entries;
    return done.why;
}

void journal_store::publish_written(std::deque<submission>& now, std::size_t written,
                                    std::span<const journal_writer::placed> where) {
    if (written > 0) last_write_ = clock::now();
    for (std::size_t i = 0; i < written; ++i) {
        submission& one = now[i];
        if (is_carried(one.what)) {
            publish_carried(one.what, where[i]);
            continue;
        }
        for (const batch_ref& batch : one.what.batches) {
            const batch_view& view = batch.view;
            places_.add(where[i].segment, where[i].position, view.stream(), view.first(), view.last());
            places_.written_at(where[i].segment, writer_->latest());
            cache(batch);
            queued_bytes_ -= std::min(queued_bytes_, view.data().size());
            if (options_.reaches == stage::durable) {
                unsynced_.push_back({view.stream(), view.last() + 1});
            } else {
                streams_[view.stream()].visible = view.last() + 1;
            }
        }
        if (one.ticket == 0) continue;
        written_ticket_ = one.ticket;
        if (one.who == nullptr) continue;
        if (one.wanted == stage::durable || options_.reaches == stage::durable) {
            owed_events_.push_back({one.who, one.ticket});
        } else {
            one.who->put({log_event::kind::kept, {one.ticket}, stage::stored, {}});
            to_tell_.push_back(one.who);
        }
    }
    places_.forget_below(writer_->lowest_segment());
}

void journal_store::publish_synced() {
    synced_ticket_ = written_ticket_;
    for (const unsynced_batch& one : unsynced_) streams_[one.stream].visible = one.end;
    unsynced_.clear();
    for (synced_event& one : owed_events_) {
        one.who->put({log_event::kind::kept, {one.ticket}, stage::durable, {}});
        to_tell_.push_back(std::move(one.who));
    }
    owed_events_.clear();
    file_bytes_ = writer_->bytes_used();
}

void journal_store::fail(status&& why, std::deque<submission>& now) {
    health_ = std::move(why);
    const auto tell_failed = [&](const std::shared_ptr<log_listener>& who, std::uint64_t ticket) {
        if (who == nullptr) return;
        who->put({log_event::kind::failed, {ticket}, stage::accepted, health_});
        to_tell_.push_back(who);
    };
    for (const synced_event& one : owed_events_) tell_failed(one.who, one.ticket);
    for (const submission& one : now) {
        if (one.ticket > written_ticket_) tell_failed(one.who, one.ticket);
    }
    for (const submission& one : queue_) tell_failed(one.who, one.ticket);
    owed_events_.clear();
    queue_.clear();
    queued_bytes_ = 0;
    carry_.reset();
}

void journal_store::tell_of_space() {
    if (!space_wanted_ || is_full()) return;
    space_wanted_ = false;
    for (const auto& one : std::exchange(wait_for_space_, {})) {
        one->put({.what = log_event::kind::space});
        to_tell_.push_back(one);
    }
}

status journal_store::wait(log_ticket ticket, stage wanted, clock::time_point until) {
    lock hold{mutex_};
    const auto reached = [&] { return ticket.number <= (wanted == stage::durable ? synced_ticket_ : written_ticket_); };
    while (!reached()) {
        if (!health_) return health_;
        if (closed_) return errc::closed;
        if (clock::now() >= until) {
            work_.notify_one();  // nobody else may be left to write it
            return errc::timed_out;
        }
        if (!baton_held_ && wanted == stage::durable) last_sync_ = {};  // due now
        // Who has a deadline does not take the baton: it could not be kept inside a call to a disk that stalls.
        if (baton_held_ || (until != clock::time_point::max() && !starved_)) {
            work_.notify_one();
            done_.wait_until(hold, until);
            continue;
        }
        round(hold);
        if (starved_ && withdraw(ticket)) return lacks_;
    }
    return {};
}

// Of those that nobody is told of: who waited gives up.
bool journal_store::withdraw(log_ticket ticket) {
    const auto found = std::ranges::find(queue_, ticket.number, &submission::ticket);
    if (found == queue_.end() || found->who != nullptr) return false;
    for (auto batch = found->what.batches.rbegin(); batch != found->what.batches.rend(); ++batch) {
        streams_[batch->view.stream()].withdraw(batch->view);
        queued_bytes_ -= std::min(queued_bytes_, batch->view.data().size());
    }
    queue_.erase(found);
    return true;
}

bool journal_store::has_work(clock::time_point now) const {
    if (!health_) return false;
    return next_work() <= now;
}

journal_store::clock::time_point journal_store::next_work() const {
    auto next = clock::time_point::max();
    const bool told =
        std::ranges::any_of(queue_, [](const submission& one) { return one.who != nullptr || is_carried(one.what); });
    if (told || (!queue_.empty() && queued_bytes_ > 0))
        next = starved_ ? last_write_ + starved_pause : clock::time_point{};
    if (release_due_) next = std::min(next, *release_due_);
    next = std::min({next, look_for_old_, look_to_carry_});
    if (written_ticket_ > synced_ticket_) next = std::min(next, last_sync_ + sync_every);
    if (writer_->needs_mark()) next = std::min(next, std::max(last_write_, last_sync_) + mark_after);
    return next;
}

// Only who has the baton, or could take it, looks at the writer.
void journal_store::write_thread(const std::stop_token& stop) {
    lock hold{mutex_};
    while (!stop.stop_requested()) {
        if (baton_held_) {
            work_.wait(hold, stop, [this] { return !baton_held_; });
            continue;
        }
        const auto now = clock::now();
        if (has_work(now)) {
            mark_due_ =
                queue_.empty() && writer_->needs_mark() && std::max(last_write_, last_sync_) + mark_after <= now;
            round(hold);
            continue;
        }
        const auto next = health_ ? next_work() : clock::time_point::max();
        const auto woken = [this] { return baton_held_ || has_work(clock::now()); };
        next == clock::time_point::max() ? work_.wait(hold, stop, woken) : work_.wait_until(hold, stop, next, woken);
    }
}

status journal_store::closed_writer() {
    try {
        return writer_->close();
    } catch (const std::bad_alloc&) {
        return error{errc::no_resources, "journal", "memory ran out: its end is not marked as clean"};
    }
}

status journal_store::close() {
    {
        lock hold{mutex_};
        if (closed_) return health_;
        while (baton_held_) done_.wait(hold);
        drop_carried();
        while (health_ && (!queue_.empty() || release_due_ || !unsaved_notes_.empty())) {
            round(hold);
            while (baton_held_) done_.wait(hold);
            if (starved_ || (release_due_ && *release_due_ > clock::now())) break;
        }
        closed_ = true;
        carry_.reset();
    }
    writes_ = {};
    reads_files_ = {};
    lock hold{mutex_};
    std::deque<submission> none;
    if (!queue_.empty()) fail(error{errc::full, directory_->path(), "not all could be written"}, none);
    if (health_) health_ = closed_writer();
    done_.notify_all();
    const status ended = health_;
    tell(hold);
    return ended;
}

}  // namespace godwit::detail
