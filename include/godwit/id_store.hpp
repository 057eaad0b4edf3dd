// id_store: ids of the user's choice, in memory or kept in a directory, for the threads and sockets of one process.
//     auto ids = godwit::id_store::open("billing.ids");          // or, for as long as the process: godwit::id_store ids;
//     in.consume(godwit::once(*ids, bill));                      // by the header `message_id`: godwit/once.hpp
// It remembers within a window of count, bytes and time, whichever is over first; what is in hand is never forgotten.
// An id takes about 200 bytes of memory, and what it has above 15, and its reply. Ids that wait for a sync share it.
// Format: docs/dedup_format.md. Threads: every call from any thread.
#pragma once
#include <filesystem>
#include <memory>

#include "godwit/dedup_store.hpp"
#include "godwit/receipt.hpp"  // stage

namespace godwit {

struct id_store_options {
    // The window. Beyond, the ids that were marked first are forgotten, and known_since() rises.
    std::uint64_t ids_max = 1'000'000;                          // 1 to 100,000,000
    std::uint64_t bytes_max = 256u << 20;                       // 4 KiB to 64 GiB: of ids and replies, and 200 for each
    std::chrono::milliseconds age_max{std::chrono::hours{24}};  // since mark(), 1 ms to 10 years, by the wall clock
    // Replies, within it, and at most half of it. Beyond, the oldest go, and their ids stay.
    std::uint64_t replies_bytes_max = 64u << 20;
    // What mark() promises. durable: survives a power cut; stored: the process alone. In memory: none survives.
    stage confirm = stage::durable;
    // Where a store that begins says that it knows from. Nothing: from its beginning, so that a memory that was lost takes
    // nothing for fresh that it may have known. id_time{}: from ever; for the first start of a system.
    std::optional<id_time> known_from = {};
};

// What opening found.
struct id_store_recovery {
    bool is_new = false;          // there was no memory: see known_from
    bool clean = true;            // its last owner closed it
    std::uint64_t ids = 0;        // that are remembered
    std::uint64_t cut_bytes = 0;  // behind the last whole entry, written and never confirmed
};

struct id_store_stats {
    std::uint64_t ids = 0;           // done, now
    std::uint64_t in_hand = 0;       // now
    std::uint64_t bytes = 0;         // as bytes_max counts
    std::uint64_t duplicates = 0;    // claims of what was done
    std::uint64_t joined = 0;        // claims of what was in hand
    std::uint64_t too_old = 0;       // claims
    std::uint64_t conflicts = 0;     // claims
    std::uint64_t forgotten = 0;     // ids that have left the window
    std::uint64_t replies_gone = 0;  // by replies_bytes_max, their ids still there
};

class GODWIT_EXPORT id_store final : public dedup_store {
public:
    // In memory alone. Options out of bounds fail at the first call, with `invalid_argument`.
    explicit id_store(const id_store_options& options = {});
    // Kept in a directory, which is made, but not its parents. Fails as dedup::open does, and with `mismatch`: it is one of
    // dedup's, not of ids.
    static result<id_store> open(const std::filesystem::path& directory, const id_store_options& options = {});
    id_store(id_store&&) noexcept;
    id_store& operator=(id_store&&) noexcept;
    ~id_store() override;  // as close(); nobody may be inside a call

    result<claim_answer> claim(const chosen_id& what) override;
    // Waits for the write, and at `durable` for the sync, of all that has gathered.
    status mark(std::string_view id, std::optional<std::string_view> reply = {}) override;
    status release(std::string_view id) override;
    result<id_time> known_since() override;

    const id_store_recovery& recovered() const noexcept;
    id_store_stats stats() const;
    // Marks the end as clean. Later calls fail with `closed`. Blocks.
    status close();

private:
    struct state;
    explicit id_store(std::unique_ptr<state> opened) noexcept;
    std::unique_ptr<state> state_;
};

}  // namespace godwit
