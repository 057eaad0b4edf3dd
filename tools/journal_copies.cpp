// godwit journal snapshot, adopt and repair.
#include "godwit/journal_copies.hpp"
#include "journal_verbs.hpp"
#include "output.hpp"

namespace tool {

void journal_snapshot(const options& options, interruption&) {
    godwit::snapshot_journal(options.journal, options.target).value();
}

void journal_adopt(const options& options, interruption&) { godwit::adopt_journal(options.journal).value(); }

exit_status journal_repair(const options& options, interruption&) {
    const auto done = godwit::repair_journal(options.journal, options.target).value();
    write_out(std::to_string(done.records) + " records saved, " + std::to_string(done.lost) + " lost\n");
    return done.lost == 0 ? exit_done : exit_failed;
}

}  // namespace tool
