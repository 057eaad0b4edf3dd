// snapshot_journal: a copy of a journal as far as it is kept, beside its writer.
#include "godwit/journal_copies.hpp"
#include "journal/journal_sight.hpp"
#include "journal/segment_writer.hpp"

namespace godwit {

namespace {

namespace fs = std::filesystem;
using detail::directory;
using detail::segment_ends;

constexpr int looks_max = 100;  // at a journal whose segments go while they are linked

status copy_file(directory& from, directory& to, const std::string& name, std::uint64_t size) {
    auto source = from.open(name, detail::file_use::read);
    if (!source) return source.error();
    auto target = to.open(name, detail::file_use::create);
    if (!target) return target.error();
    if (auto copied = detail::copy_bytes(**source, **target, size); !copied) return copied;
    return (*target)->sync();
}

// A sealed segment is never written to again, so a link is as good as a copy.
status take_sealed(const fs::path& from, const fs::path& to, directory& source, directory& target,
                   const segment_ends& one) {
    const std::string name = detail::segment_name(one.number);
    std::error_code failed;
    fs::create_hard_link(from / name, to / name, failed);
    return failed ? copy_file(source, target, name, one.size) : status{};
}

// Up to the last entry that passes: what comes behind was written while it was copied.
status take_open(directory& source, directory& target, const segment_ends& one) {
    const std::string name = detail::segment_name(one.number);
    if (auto copied = copy_file(source, target, name, one.size); !copied) return copied;
    auto made = target.open(name, detail::file_use::write);
    if (!made) return made.error();
    detail::segment_walk walk{**made, one.header, detail::journal_format::header_bytes, one.size};
    walk.expect(one.header.first, one.header.seed);
    for (;;) {
        const auto next = walk.next();
        if (!next) return next.error();
        if (*next == detail::segment_walk::found::nothing) break;
    }
    if (auto cut = (*made)->resize(walk.position()); !cut) return cut;
    return (*made)->sync();
}

// `not_found`: a segment was let go of meanwhile.
status take(const fs::path& from, const fs::path& to, directory& source, directory& target,
            const detail::journal_sight& sight) {
    for (std::uint64_t number = sight.lowest(); number <= sight.newest(); ++number) {
        const auto ends = read_ends(source, number, &sight.identity());
        if (!ends) return ends.error();
        const bool is_sealed = ends->footer.has_value();
        const auto taken = is_sealed ? take_sealed(from, to, source, target, *ends) : take_open(source, target, *ends);
        if (!taken) return taken;
    }
    detail::journal_identity identity = sight.identity();
    identity.place = {};
    return write_whole(target, "identity", encode(identity));
}

status snapshot_into(const fs::path& from, const fs::path& to) {
    for (int look = 0; look < looks_max; ++look) {
        auto source = detail::open_directory(from, false);
        if (!source) return source.error();
        auto sight = detail::journal_sight::open(std::move(*source));
        if (!sight) return sight.error();
        auto target = detail::open_directory(to, false);
        if (!target) return target.error();
        const auto taken = take(from, to, (*sight)->where(), **target, **sight);
        if (taken) return (*target)->sync();
        if (!taken.failed(errc::not_found) && !taken.failed(errc::already_exists)) return taken;
        std::error_code ignored;
        for (const auto& each : fs::directory_iterator{to, ignored}) fs::remove(each.path(), ignored);
    }
    return error{errc::io, from.string(), "its segments went while they were linked, again and again"};
}

}  // namespace

status snapshot_journal(const fs::path& from, const fs::path& to) {
    std::error_code failed;
    if (fs::exists(to, failed)) return error{errc::already_exists, to.string(), "name a directory that is not there"};
    if (auto made = detail::open_directory(to, true); !made) return made.error();
    auto done = snapshot_into(from, to);
    if (!done) fs::remove_all(to, failed);
    return done;
}

}  // namespace godwit
