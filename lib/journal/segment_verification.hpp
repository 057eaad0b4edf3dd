// segment_verification: one segment, from its header to its last byte. Threads: one at a time. Blocks on the file.
#pragma once
#include "godwit/journal_verification.hpp"
#include "journal/segment_ends.hpp"
#include "journal/segment_rows.hpp"

namespace godwit::detail {

// Where findings go, and how far it has come.
class verification_log {
public:
    verification_log(const journal_verification_options& how, std::uint64_t bytes) : how_{how}, all_{bytes} {}

    void add(journal_fault what, std::string file, std::string text, lsn entry = 0, std::uint64_t byte = 0);
    bool go_on(std::uint64_t bytes);  // that were looked at; false: to be stopped
    journal_verification out;

private:
    const journal_verification_options& how_;
    std::uint64_t all_ = 0, told_ = 0;
};

struct verified_place {
    bool is_last = false;     // no segment follows
    bool is_written = false;  // and somebody may be writing to it
};
// `cancelled`, `unsupported`, `io`.
status verify_segment(const segment_ends& ends, const verified_place& where, verification_log& to);

}  // namespace godwit::detail
