// journal: a log in a directory of files, which outlives the process: of any number of streams, each a sequence of
// records with rising offsets. A sender that is given one of its streams goes on after a crash where it was; alone it is
// an embedded log.
//     auto store = godwit::journal::open("shop.journal");
//     godwit::push orders{ctx, godwit::ack_retry{}, store->stream("orders").value()};
// Format: docs/journal_format.md. What it promises: docs/guarantees.md.
// Threads: every call from any thread. Those that wait say so.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/assembly.hpp"
#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/receipt.hpp"  // stage
#include "godwit/result.hpp"
#include "godwit/stream.hpp"
#include "godwit/timeout.hpp"

namespace godwit {

struct journal_options {
    // Of all files, 64 KiB to 1 PiB, and up to a segment or an entry on top. Then senders wait, and append() fails with `full`.
    std::uint64_t bytes_max = 1u << 30;
    // Of one file, 4 KiB to 64 GiB; at most an eighth of bytes_max is used.
    std::uint64_t segment_bytes = 64u << 20;
    // What a sender waits for before a record leaves. stored: written, survives the process, and is synced a second later
    // at most; durable: survives a power cut.
    stage confirm = stage::durable;
    // Where a sync promises nothing, in memory (tmpfs) or on another machine (nfs, smb), `durable` is refused with
    // `unsupported`, at opening or by append(). Set, it is taken for what the file system makes of it.
    bool durable_anywhere = false;
};

// What opening found.
struct journal_recovery {
    bool is_new = false;          // there was no journal
    bool clean = true;            // its last writer closed it
    std::uint64_t epoch = 1;      // how often it was opened to write
    std::uint64_t segments = 0;   // files
    std::uint64_t cut_bytes = 0;  // behind the last whole entry, written and never confirmed
    std::string kept_as;          // the file that still has them
    // "tmpfs", "nfs", "overlay" and such, of which a sync may not survive a power cut; empty: nothing speaks against it.
    std::string file_system;
};

// What a stream gives up by itself, the oldest first and whole segments of it, settled or not: told by journal_stream's
// given_up(), and to a subscriber as a gap. It counts until the journal is closed.
struct retention {
    bool drop_oldest = false;  // where there is no room; else append() and senders wait. A pub's stream always does
    std::chrono::milliseconds age_max{0};  // 0: nothing is too old
};

class journal_stream;

class GODWIT_EXPORT journal {
public:
    // Opens to write, and makes the directory, but not its parents. It recovers what a crash left, which reads the last
    // segment. Blocks. Fails with `locked` (another has it open), `corrupt` (confirmed entries are damaged: where; nothing was
    // changed), `conflict` (a copy of a journal), `unsupported` (a newer format; durable_anywhere), `not_found` (the parent), `full`,
    // `no_resources`, `io`, `invalid_argument`.
    static result<journal> open(const std::filesystem::path& directory, const journal_options& options = {});
    journal(journal&&) noexcept;
    journal& operator=(journal&&) noexcept;
    ~journal();  // as close()

    const journal_recovery& recovered() const noexcept;
    // The stream of that name, 1 to 255 bytes, made if there is none. Fails with `invalid_argument`, `full` (65,536 streams).
    result<journal_stream> stream(std::string_view name, const retention& keeps = {});
    std::vector<std::string> streams() const;
    std::uint64_t bytes_used() const noexcept;  // of its files
    // Not ok: a write or a sync failed, and nothing more is taken until it is opened again.
    status health() const;
    // Writes what is under way, syncs, and marks the end as clean. Blocks. What is asked of it later fails with `closed`.
    // Sockets that use it are closed first, or their records wait for the next opening.
    status close();

private:
    friend class journal_stream;
    struct state;
    explicit journal(std::shared_ptr<state> opened) noexcept;
    std::shared_ptr<state> state_;
};

// A record as it is read: its views live as long as `content`.
struct journal_record {
    offset at = 0;
    message content;
};

// One stream: a module for a sender's constructor, or a log by itself, but not both at once. A value; it keeps the journal open.
class GODWIT_EXPORT journal_stream {
public:
    // Of a push or a pub; of another, or of a push with a stream that has a retention or had a pub since the journal was
    // opened, bind and connect fail with `unsupported`, and of a second one with `locked`.
    void install(assembly& into) const;

    std::string_view name() const noexcept;
    stream_id id() const noexcept;

    // Returns when the record is at that stage. Several threads share one sync. Fails with `full` (bytes_max, or the disk:
    // nothing is taken), `locked` (a socket sends from the stream), `too_large`, `unsupported` (another stage;
    // durable_anywhere), `closed`; with `timed_out` and `io` it may be there or not.
    result<offset> append(const message& what, stage wanted = stage::durable, timeout limit = timeout::never);
    // All of them or none, in one entry of up to 1 GiB. Returns the first one's offset.
    result<offset> append(std::span<const message> what, stage wanted = stage::durable, timeout limit = timeout::never);
    // The first record at `from` or above that is not released; nothing: there is none yet. May read a file. Fails with
    // `conflict` (beyond the next that will be given: whoever has got that far has read another journal, or this one was set
    // back), `corrupt` (it is damaged: where), `no_resources`, `io`.
    result<std::optional<journal_record>> read(offset from) const;
    // Up to `at_most` of them, one behind the other.
    result<std::vector<journal_record>> read_many(offset from, std::size_t at_most) const;
    std::uint64_t given_up() const;  // records, since the journal was opened: see retention
    offset first() const;            // of the lowest record that is there; end() if none is
    offset end() const;              // all below can be read
    // Not asked for any more. Space is given back by segments: what little of one is not released is carried to a new one.
    // Survives a crash a moment later.
    status release(offset_range done);
    // A dead letter of the sender that had the stream: the next one sends it again, from its first attempt on, or never.
    // Written before it returns. Fails with `not_found`, `locked` (a socket has the stream: ask that), and as append() and
    // read() do.
    status requeue(offset dead);
    status discard(offset dead);

private:
    friend class journal;
    struct state;
    explicit journal_stream(std::shared_ptr<state> opened) noexcept;
    std::shared_ptr<state> state_;
};

}  // namespace godwit
