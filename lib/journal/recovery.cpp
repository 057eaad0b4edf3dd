#include "journal/recovery.hpp"

#include <algorithm>

#include "journal/journal_examination.hpp"
#include "journal/segment_writer.hpp"

namespace godwit::detail {

namespace {

status tidy(directory& in, const std::vector<std::string>& unneeded) {
    for (const std::string& name : unneeded) {
        if (auto removed = in.remove(name); !removed) return removed;
    }
    return unneeded.empty() ? status{} : in.sync();
}

// Under the first name that is free.
status keep_torn(directory& in, const std::string& name, std::string& kept_as) {
    for (int number = 1; kept_as.empty(); ++number) {
        const std::string kept = name.substr(0, name.find('.')) + ".torn." + std::to_string(number);
        if (auto linked = in.link(name, kept)) {
            kept_as = kept;
        } else if (!linked.failed(errc::already_exists)) {
            return linked;
        }
    }
    return {};
}

// What was read back need not be on the disk: a sync that failed leaves it in memory. A new file, synced, is.
status write_anew(directory& in, examined_segment& last, const scanned_segment& what, std::string& kept_as) {
    const std::string name = segment_name(last.number), beside = name + ".new";
    auto made = in.open(beside, file_use::create);
    if (!made) return made.error();
    const auto old = in.open(name, file_use::read);
    if (!old) return old.error();
    if (auto copied = copy_bytes(**old, **made, what.end); !copied) return copied;
    segment_footer footer = what.rows.footer(segment_footer::ending::by_recovery, last.header.first);
    const auto image = encode(footer, last.header.seed);
    const bytes whole{image};
    if (auto written = (*made)->write(what.end, {&whole, 1}); !written) return written;
    if (auto synced = (*made)->sync(); !synced) return synced;
    if (what.cut_bytes > 0) {
        if (auto kept = keep_torn(in, name, kept_as); !kept) return kept;
    }
    if (auto renamed = in.rename(beside, name); !renamed) return renamed;
    if (auto synced = in.sync(); !synced) return synced;
    last.size = what.end + image.size();
    last.footer = std::move(footer);
    return {};
}

}  // namespace

result<recovered_journal> recover(directory& in) {
    auto found = examine(in);
    if (!found) return found.error();
    if (auto tidied = tidy(in, found->unneeded); !tidied) return tidied.error();
    recovered_journal out;
    if (found->open) {
        out.cut_bytes = found->open->cut_bytes;
        if (auto written = write_anew(in, found->segments.back(), *found->open, out.kept_as); !written)
            return written.error();
    }
    out.identity = std::move(found->identity);
    out.state = std::move(found->state);
    out.clean = found->clean;
    for (examined_segment& one : found->segments)
        out.segments.push_back({one.header, std::move(*one.footer), one.size});
    return out;
}

}  // namespace godwit::detail
