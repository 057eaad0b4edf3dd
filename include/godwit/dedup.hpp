// dedup: a receiver's memory of what it has handled. With it each message is completed once, whatever is sent again and
// by however many receivers that share the memory:
//     auto seen = godwit::dedup::open("billing.dedup");           // or, for as long as the process: godwit::dedup seen;
//     godwit::pull in{ctx, godwit::ack_retry{}, *seen};
// A message is known by its stream and offset, without a limit of time: the memory follows what its sender has not settled.
// It is marked when it is acked, and the ack leaves when the mark is kept: a crash repeats what was in a handler, and what was
// acked while the last marks were being written (one sync, at `durable`); with flush() behind each ack, the first alone.
// A copy of one in hand waits for its outcome. Senders repeat what has an unknown outcome only here, in this *scope*, until
// ack_retry's evict_after. What it cannot know is refused by name, never dropped: see dedup_stats, and the socket's events.
// Format: docs/dedup_format.md. Promises: docs/guarantees.md. Threads: every call from any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "godwit/assembly.hpp"
#include "godwit/export.hpp"
#include "godwit/receipt.hpp"  // stage
#include "godwit/result.hpp"
#include "godwit/stream.hpp"
#include "godwit/timeout.hpp"

namespace godwit {

struct dedup_options {
    // How far a mark is kept before its ack leaves. durable: survives a power cut, one sync for all acks that gather
    // meanwhile; stored: survives the process alone. Of a memory without a directory: none survives.
    stage confirm = stage::durable;
    // Senders' streams that are remembered, 1 to 10,000,000, each about 250 bytes. Beyond, those that have been away longest
    // and left nothing open are forgotten; if there is none, a new sender is refused with `full`.
    std::uint32_t producers_max = 100'000;
};

// What opening found.
struct dedup_recovery {
    bool is_new = false;          // there was no memory
    bool clean = true;            // its last owner closed it
    std::uint64_t epoch = 1;      // how often it was opened
    std::uint64_t producers = 0;  // streams that are remembered
    std::uint64_t cut_bytes = 0;  // behind the last whole entry, written and never confirmed
};

struct dedup_stats {
    std::uint64_t producers = 0;    // streams that are remembered now
    std::uint64_t open_ranges = 0;  // of what is done and not known to be settled at its sender: what memory follows
    std::uint64_t in_hand = 0;      // records now
    std::uint64_t duplicates = 0;   // records that were done before: acked again, and not handed out
    std::uint64_t joined = 0;       // copies of records in hand that had to wait for their outcome
    std::uint64_t too_old = 0;      // refused: their sender had said that they are settled
    std::uint64_t conflicts = 0;    // senders refused: a journal that was copied, or set back
    std::uint64_t fenced = 0;       // senders refused: an older opening of a journal
    std::uint64_t forgotten = 0;    // streams: see producers_max
};

class GODWIT_EXPORT dedup {
public:
    // In memory alone, and a scope of its own.
    explicit dedup(const dedup_options& options = {});
    // Kept in a directory, which is made, but not its parents. Blocks. Fails with `locked` (another has it open), `conflict`
    // (the directory is a copy: give it an empty one, or delete its file `identity` to make of it a memory of its own),
    // `corrupt` (confirmed marks are damaged: where; nothing was changed), `unsupported` (a newer format), `not_found` (the
    // parent), `full`, `io`, `invalid_argument`. It does not ask what it stands on: on a tmpfs nothing survives a power cut,
    // whatever `confirm` says, and on a network file system what its server keeps.
    static result<dedup> open(const std::filesystem::path& directory, const dedup_options& options = {});
    dedup(const dedup&) noexcept;  // another handle of the same memory
    dedup(dedup&&) noexcept;
    dedup& operator=(const dedup&) noexcept;
    dedup& operator=(dedup&&) noexcept;
    ~dedup();  // of the last handle, sockets' included: as close()

    // Of any number of pulls. Of another socket bind and connect fail with `unsupported` (sub and rep have ids instead:
    // godwit/once.hpp), and without ack_retry with `invalid_argument`.
    void install(assembly& into) const;

    stream_id scope() const noexcept;  // told to senders; kept with the directory
    const dedup_recovery& recovered() const noexcept;
    dedup_stats stats() const;
    // `full`: there is no space for marks; acks wait, and go on when there is. Any other: a write or a sync failed; recv()
    // fails with it, and nothing more is handed out until it is opened again.
    status health() const;
    // Waits until the marks that it was told of are kept. An ack is told at once while nothing is being written, else with the
    // next, within 10 ms: so one thread that flushes behind each of its acks leaves nothing open. Fails with `timed_out`,
    // `full`, `closed`, and as health().
    status flush(timeout limit = timeout::never);
    // Writes what is under way, syncs, and marks the end as clean. Blocks. Close its sockets before: what they ack later
    // is not told to its sender, and comes again.
    status close();

private:
    struct state;
    explicit dedup(std::shared_ptr<state> opened) noexcept;
    std::shared_ptr<state> state_;
};

}  // namespace godwit
