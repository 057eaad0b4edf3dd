// id_store: ids of the user's choice, in memory or kept in a directory, for the threads and sockets of one process.
//     auto ids = godwit::id_store::open("billing.ids");          // or, for as long as the process: godwit::id_store ids;
//     in.consume(godwit::once(*ids, bill));                      // by the header `message_id`: godwit/once.hpp
// What is in hand is never forgotten, and not kept. An id takes about 200 bytes of memory, and what it has above 15, and its reply. Ids that wait for a sync share it.
// Format: docs/dedup_format.md. Threads: every call from any thread.
#pragma once
#include <filesystem>
#include <memory>

#include "godwit/dedup_store.hpp"
#include "godwit/receipt.hpp"  // stage

namespace godwit {

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
    // In memory alone. A window out of bounds fails at the first call, with `invalid_argument`.
    explicit id_store(const id_window& window = {});
    // Kept in a directory, which is made, but not its parents. What mark() promises: at durable to survive a power cut, at
    // stored a crash of the process. Its window's bytes_max is 512 MiB at most; the files take up to five times as much. Fails
    // as dedup::open does, and with `mismatch`: it is one of dedup's, not of ids. It does not ask what it stands on: on a
    // tmpfs nothing survives a power cut, whatever `confirm` says, and on a network file system what its server keeps.
    static result<id_store> open(const std::filesystem::path& directory, const id_window& window = {},
                                 stage confirm = stage::durable);
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
