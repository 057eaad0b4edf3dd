// journal_store: an open journal as its users see it: entries are handed in from any turn, and written and synced by who
// holds the baton: whoever waits for that, or else a thread of the journal's own. What gathers during one sync is the
// next write. Records are read from memory while they are new, and by another thread from files when they are not.
// Threads: every call from any thread. Those of the first group never touch a file.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "journal/batch_places.hpp"
#include "journal/journal_writer.hpp"
#include "journal/live_stream.hpp"
#include "journal/log_listener.hpp"
#include "journal/segment_reading.hpp"

namespace godwit::detail {

struct journal_store_options {
    journal_limits limits;
    stage reaches = stage::durable;
    std::size_t cache_bytes = 16u << 20;                  // of batches in memory, new ones and those read
    std::chrono::milliseconds looks_to_carry_every{100};  // at most
};

class GODWIT_EXPORT journal_store {
public:
    using clock = std::chrono::steady_clock;

    static result<std::shared_ptr<journal_store>> open(std::unique_ptr<directory> in,
                                                       const journal_store_options& options,
                                                       journal_writer::tools with);
    ~journal_store();

    stage reaches() const noexcept { return options_.reaches; }
    result<stream_id> stream_named(std::string_view name);
    std::vector<std::string> stream_names() const;
    offset next_offset(stream_id stream) const;
    offset visible(stream_id stream) const;
    offset first(stream_id stream) const;
    // `pending`, with an event for `who` later; or `full`, with `space` later. A failed journal: `pending`, and `failed`.
    // No `who`: nobody is told, and the baton is for whoever calls wait().
    log_answer submit(entry&& what, stage wanted, const std::shared_ptr<log_listener>& who, log_ticket& ticket);
    // One sender a stream. False: it has one.
    bool lend(stream_id stream);
    void take_back(stream_id stream);
    // As submit(), with nobody to tell: these records, at the offsets that are next.
    // Returns the first one's. Fails with `full`, `too_large`, `closed`, `locked` (a sender has the stream), or health().
    result<offset> submit_next(stream_id stream, std::span<const record_parts> records, stage wanted,
                               log_ticket& ticket);
    read_batch read(stream_id stream, offset from, const std::shared_ptr<log_listener>& who);
    void release(stream_id stream, std::span<const offset_range> settled);
    std::vector<offset_range> holes(stream_id stream) const;
    // What its sender says of its records, attempts and dead letters: written soon, and nobody is told.
    void keep(std::vector<note>&& notes);
    std::vector<note> notes(stream_id stream) const;  // those that are still true
    bool is_released(stream_id stream, offset at) const;
    // Retention: journal_retention.cpp.
    void keep_at_most(stream_id stream, bool gives_up_oldest, std::chrono::milliseconds age_max);
    bool may_give_up(stream_id stream) const;
    offset given_up_below(stream_id stream) const;
    std::uint64_t given_up(stream_id stream) const;
    offset first_since(stream_id stream, wall_time when) const;
    std::uint64_t live_bytes() const noexcept;
    std::uint64_t bytes_max() const noexcept { return options_.limits.bytes_max; }
    std::uint64_t bytes_used() const noexcept { return file_bytes_.load(std::memory_order_relaxed); }
    status health() const;
    const recovered_journal& recovered() const noexcept { return writer_->recovered(); }
    std::uint64_t epoch() const noexcept { return epoch_; }
    stream_id nonce() const noexcept { return nonce_; }
    offset epoch_first(stream_id stream) const;

    // These block on files.
    // A dead letter is to be sent again, or not any more.
    status settle_dead(stream_id stream, offset dead, bool again);
    status wait(log_ticket ticket, stage wanted, clock::time_point until);
    result<read_batch> read_now(stream_id stream, offset from);
    status close();

private:
    struct submission {
        entry what;
        stage wanted{};
        std::shared_ptr<log_listener> who;
        std::uint64_t ticket = 0;
    };
    struct wanted_read {
        stream_id stream;
        offset at = 0;
        friend auto operator<=>(const wanted_read&, const wanted_read&) = default;
    };
    using lock = std::unique_lock<std::mutex>;
    using listeners = std::vector<std::shared_ptr<log_listener>>;

    journal_store(std::unique_ptr<directory> in, const journal_store_options& options)
        : directory_{std::move(in)}, options_{options} {}
    void restore();
    result<std::uint64_t> key_hash_at(stream_id stream, offset at);  // 0: it has no key
    log_answer take_in(lock&, entry&& what, stage wanted, const std::shared_ptr<log_listener>& who, log_ticket& ticket);
    bool is_full() const noexcept;

    // With the baton: the lock is let go of while files are touched.
    void round(lock& hold);
    void write_and_sync(lock& hold);
    status write_round(std::deque<submission>& now, std::vector<journal_writer::placed>& where, std::size_t& written);
    std::optional<entry> unsaved_as_entry();
    void publish_written(std::deque<submission>& now, std::size_t written,
                         std::span<const journal_writer::placed> where);
    void publish_synced();
    bool withdraw(log_ticket ticket);
    void fail(status&& why, std::deque<submission>& now);
    status closed_writer();
    void tell_of_space();
    void remove_more_in(std::chrono::milliseconds time);
    bool give_up_what_is_due();
    std::chrono::milliseconds youngest_age() const;      // 0: nothing is ever too old
    std::optional<std::int64_t> too_old_before() const;  // in ms since 1970, if it is time to look
    bool may_give_up(const live_stream& of, offset end, std::int64_t latest, bool for_room, wall_time now) const;
    bool give_up(const known_segment& oldest, bool for_room);
    void tell(lock& hold);  // who has got an event since the last time

    // Carrying: journal_carry.cpp.
    void look_to_carry();
    void carry_later();
    void plan_to_carry();
    void choose_what_to_carry();
    bool what_to_carry(const known_segment& of, bool for_room, known_segment& out, std::uint64_t& bytes) const;
    std::optional<batch_places::place> next_to_carry(stream_id& stream, offset& at);
    bool take_to_carry(const segment_reading& read, stream_id stream);
    void carry_some(lock& hold);
    void carry_or_wait(lock& hold);
    void wait_to_carry();
    void publish_carried(const entry& what, const journal_writer::placed& where);
    void drop_carried();
    bool carries() const noexcept { return carry_ && !carry_->queued; }

    void write_thread(const std::stop_token& stop);
    bool has_work(clock::time_point now) const;
    clock::time_point next_work() const;
    void read_thread(const std::stop_token& stop);
    read_batch in_memory(stream_id stream, offset from, offset& at) const;
    std::optional<batch_places::place> place_of(stream_id stream, offset at) const;
    void learn_places(const batch_places::place& from, const segment_reading& read);
    status load(lock& hold, stream_id stream, offset at);
    status loaded_or_starved(lock& hold, const wanted_read& what);
    void cache(const batch_ref& batch);

    const std::unique_ptr<directory> directory_;
    const journal_store_options options_;
    std::unique_ptr<journal_writer> writer_;  // of who has the baton
    std::uint64_t epoch_ = 0;
    stream_id nonce_;
    std::atomic<std::uint64_t> file_bytes_{0};

    mutable std::mutex mutex_;
    std::condition_variable_any work_, done_, reads_come_;
    // Guarded by mutex_:
    std::map<stream_id, live_stream> streams_;
    std::set<stream_id> lent_;
    std::vector<note> unsaved_notes_;  // of new streams, and what senders say; no entry has them yet
    batch_places places_;
    std::deque<submission> queue_;
    std::size_t queued_bytes_ = 0;
    std::uint64_t last_ticket_ = 0, written_ticket_ = 0, synced_ticket_ = 0;
    bool baton_held_ = false;
    bool closed_ = false;
    bool trims_ = false;         // what is not needed goes with the next round
    bool space_wanted_ = false;  // something was refused for want of it
    bool starved_ = false;       // no space on the disk: the queue waits
    status lacks_;               // what for
    status health_;
    status reading_;  // not ok: a file could not be read; what is in memory still can
    std::set<std::shared_ptr<log_listener>> wait_for_space_;
    listeners to_tell_;
    clock::time_point last_write_{}, last_sync_{};
    std::optional<clock::time_point> release_due_;
    bool mark_due_ = false;
    clock::time_point look_for_old_ = clock::time_point::max();
    struct unsynced_batch {
        stream_id stream;
        offset end = 0;
    };
    std::vector<unsynced_batch> unsynced_;  // written, and visible when they are synced
    struct synced_event {
        std::shared_ptr<log_listener> who;
        std::uint64_t ticket = 0;
    };
    std::vector<synced_event> owed_events_;
    std::map<wanted_read, listeners> reads_;
    struct carry_job {
        std::vector<known_segment> from;  // with the streams alone whose records are carried
        std::uint64_t estimate = 0, bytes_left = 0;
        std::size_t segment = 0, row = 0;  // how far it has come, in `from`
        offset at = 0;                     // and in the row's stream
        std::vector<dated_batch> made;     // copies that no entry has yet
        std::uint64_t bytes = 0;           // of them
        bool queued = false;               // an entry is to be written first
    };
    std::optional<carry_job> carry_;
    struct {
        std::uint64_t segment = 0, bytes = 0;
    } carry_refused_;  // a job that came to too much, or could not be read: not again before less is live
    clock::time_point look_to_carry_ = clock::time_point::max(), looked_to_carry_{};
    struct cached_batch {
        stream_id stream;
        offset last = 0;
        std::size_t bytes = 0;
    };
    std::deque<cached_batch> cached_;  // oldest first; some may be released meanwhile
    std::size_t cached_bytes_ = 0;

    std::jthread writes_, reads_files_;  // gone before all else
};

// The log of one stream, or of all: `own` is what a sender is told to write to.
GODWIT_EXPORT std::unique_ptr<record_log> make_journal_log(std::shared_ptr<journal_store> store,
                                                           std::optional<stream_id> own = std::nullopt);

}  // namespace godwit::detail
