// adopt_journal: a copy becomes a journal of its own.
#include "base/ports.hpp"
#include "godwit/journal_copies.hpp"
#include "journal/segment_ends.hpp"

namespace godwit {

namespace jf = detail::journal_format;

// The next opening sees by the id of the last segment that nothing was written since, and skips what a twin may have given.
status adopt_journal(const std::filesystem::path& directory) {
    auto in = detail::open_directory(directory, false);
    if (!in) return in.error();
    auto identity = detail::read_identity(**in);
    if (!identity) return identity.error();
    const auto locked = (*in)->lock("lock");
    if (!locked) return locked.error();
    if (!*locked) return error{errc::locked, (*in)->path(), "one writer at a time; close the other first"};
    const auto place = (*in)->place_of("lock");
    if (!place) return place.error();
    if (*place == identity->place)
        return error{errc::invalid_argument, (*in)->path(), "it stands where it was made: there is nothing to adopt"};
    const auto names = (*in)->list();
    if (!names) return names.error();
    const auto numbers = detail::segment_numbers(*names);
    if (numbers.empty()) return error{errc::corrupt, (*in)->path(), "it has no segment"};
    if (identity->formers.size() >= jf::former_ids_max)
        return error{errc::full, (*in)->path(), "it was adopted 1,024 times: repair it into a new one"};
    identity->formers.push_back({identity->id, numbers.back()});
    identity->id = {detail::system_random().draw(), detail::system_random().draw()};
    identity->place = *place;
    return write_whole(**in, "identity", encode(*identity));
}

}  // namespace godwit
