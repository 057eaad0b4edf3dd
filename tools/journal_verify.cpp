// godwit journal verify: looks at every byte of a journal.
#include <string>

#include "godwit/journal_verification.hpp"
#include "journal_verbs.hpp"
#include "json_line.hpp"
#include "output.hpp"
#include "progress_line.hpp"
#include "text.hpp"

namespace tool {

namespace {

std::string as_json(const godwit::journal_verification& seen) {
    std::string text;
    for (const godwit::journal_finding& one : seen.findings) {
        json object{{"finding", name(one.what)}, {"file", one.file}};
        if (one.entry != 0) object["entry"] = one.entry;
        object["byte"] = one.byte;
        object["harmless"] = is_harmless(one.what);
        object["text"] = one.text;
        text += line_of(object);
    }
    return text + line_of({{"sound", seen.is_sound()},
                           {"segments", seen.segments},
                           {"entries", seen.entries},
                           {"records", seen.records},
                           {"bytes", seen.bytes},
                           {"written", seen.is_written},
                           {"findings", seen.findings.size()},
                           {"has_more", seen.has_more}});
}

std::string as_text(const godwit::journal_verification& seen) {
    std::string text;
    for (const godwit::journal_finding& one : seen.findings) {
        text.append(name(one.what)).append("  ").append(escaped(one.file));
        text += ", byte " + std::to_string(one.byte);
        if (one.entry != 0) text += ", entry " + std::to_string(one.entry);
        text += ": " + one.text + '\n';
    }
    if (seen.has_more) text += "there is more of it\n";
    return text + (seen.is_sound() ? "sound: " : "not sound: ") + std::to_string(seen.segments) + " segments, " +
           std::to_string(seen.entries) + " entries, " + std::to_string(seen.records) + " records, " +
           std::to_string(seen.bytes) + " bytes\n";
}

}  // namespace

exit_status journal_verify(const options& options, interruption& interrupted) {
    progress_line progress{"verify"};
    const auto seen =
        godwit::verify_journal(options.journal, {.on_progress = [&](std::uint64_t done, std::uint64_t all) {
                                   progress.show(done, all);
                                   return !interrupted.is_raised();
                               }});
    progress.clear();
    if (seen.failed(godwit::errc::cancelled)) throw failure{exit_failed, "stopped before all was looked at"};
    write_out(options.json ? as_json(seen.value()) : as_text(seen.value()));
    return seen->is_sound() ? exit_done : exit_failed;
}

}  // namespace tool
