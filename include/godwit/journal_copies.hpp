// Copies of a journal: taken while it is in use, made one that goes on, or saved from a damaged one.
// Threads: any; every call blocks on files. Format: docs/journal_format.md, "Readers and copies".
#pragma once
#include <cstdint>
#include <filesystem>

#include "godwit/export.hpp"
#include "godwit/result.hpp"

namespace godwit {

// A hot backup: `to`, which is made, gets what is kept of the journal at `from` now, also beside its writer. Sealed segments
// are linked where both are on one file system. Nothing of it is written to before it is adopted. Fails as
// journal_reader::open() does, with `already_exists` (`to`), and `full`; what is there of `to` then is removed.
GODWIT_EXPORT status snapshot_journal(const std::filesystem::path& from, const std::filesystem::path& to);

// Of a directory that was copied, moved between file systems or restored: from now on it is a journal of its own, with a new
// id. Each stream goes on 2^32 above its last offset, since nobody knows what its twin has given. Only one of two copies may go
// on with their receivers: they take both for the same streams. Fails with `invalid_argument` (it stands where it was made),
// `locked`, `not_found`, `corrupt`, `unsupported`, `full` (1,024 former ids), `io`.
GODWIT_EXPORT status adopt_journal(const std::filesystem::path& directory);

struct journal_repair {
    std::uint64_t records = 0;  // that were saved: those not released
    std::uint64_t lost = 0;     // that its notes speak of, and that could not be read
};
// Makes a new journal `to` of what can be read of a damaged one: streams, records at their offsets, what was settled, attempts,
// dead letters and holds. `from` is not changed. The streams go on behind all that may have been given. Fails
// as journal_reader::open() and journal::open() do, and with `locked` (a writer has it open), `already_exists` (`to`).
GODWIT_EXPORT result<journal_repair> repair_journal(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace godwit
