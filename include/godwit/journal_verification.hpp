// journal_verification: looks at every byte of a journal: each segment, entry and batch, every checksum, the chain through
// all of them, and what the footers say. It takes no lock, changes nothing, and may run beside the writer.
//     const auto seen = godwit::verify_journal("shop.journal").value();
//     for (const auto& one : seen.findings) report(one.text);
// Threads: any; it reads all files, and blocks on them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/result.hpp"

namespace godwit {

// New ones go to the end.
enum class journal_fault : std::uint8_t {
    torn_tail,        // bytes behind the last entry, never confirmed: the next opening to write cuts them
    former_cut,       // a file *.torn.*: what an opening has cut
    damaged_entry,    // its checksum, number or chain is wrong, and it was confirmed
    bad_header,       // of a segment: nothing in the file can be read
    bad_footer,       // of a segment that another follows
    wrong_footer,     // passes, and does not say what is in its segment
    wrong_chain,      // a segment that does not follow the one before it
    foreign_segment,  // another journal's
    missing_segment,  //
    bad_identity,     // or none
    unreadable,       // the file system cannot read it
    leftover,         // harmless: the next writer removes it
    foreign_file,     // harmless: no name of a journal's
};
GODWIT_EXPORT std::string_view name(journal_fault what) noexcept;  // as spelled above
constexpr bool is_harmless(journal_fault what) noexcept { return what >= journal_fault::leftover; }

struct journal_finding {
    journal_fault what{};
    std::string file;         // its name in the directory
    std::uint64_t entry = 0;  // its number in the journal (LSN); 0: no one
    std::uint64_t byte = 0;   // in the file
    std::string text;         // a sentence
};

struct journal_verification {
    std::vector<journal_finding> findings;  // by segment and byte
    bool has_more = false;                  // there were more than findings_max
    bool is_written = false;                // somebody had it open: its last write may have been under way
    std::uint64_t segments = 0, entries = 0, records = 0, bytes = 0;  // that were looked at

    bool is_sound() const noexcept {
        for (const journal_finding& one : findings) {
            if (!is_harmless(one.what)) return false;
        }
        return true;
    }
};

struct journal_verification_options {
    std::size_t findings_max = 10'000;
    // Called now and then, with bytes looked at and bytes in all; false: stop, and fail with `cancelled`.
    std::function<bool(std::uint64_t done, std::uint64_t all)> on_progress = {};
};

// Fails with `not_found` (no journal is there), `unsupported` (a newer format), `cancelled`, `io` (the directory cannot be
// listed). What it finds is no failure.
GODWIT_EXPORT result<journal_verification> verify_journal(const std::filesystem::path& directory,
                                                          const journal_verification_options& how = {});

}  // namespace godwit
