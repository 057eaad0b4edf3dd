// What is given up, settled or not, where somebody chose that: for want of room, or for its age. The unit is the segment, the
// oldest first, and only if all that lives in it may go: see journal_store.hpp.
#include <algorithm>

#include "journal/journal_store.hpp"

namespace godwit::detail {

namespace {

using std::chrono::milliseconds;

constexpr auto look_at_most_every = std::chrono::minutes{1};
constexpr auto look_at_least_every = milliseconds{10};

// So many looks within the age that is allowed.
constexpr int looks_per_age = 8;

bool is_live(const live_stream& of, const footer_row& row, const known_segment& in) {
    return is_live_in(in.header.number, row, of.released, of.carried);
}

offset end_of_row(const footer_row& row) noexcept { return std::max(row.end, row.carried_end); }

}  // namespace

void journal_store::keep_at_most(stream_id stream, bool gives_up_oldest, milliseconds age_max) {
    const lock hold{mutex_};
    live_stream& of = streams_[stream];
    of.gives_up = of.gives_up || gives_up_oldest;
    if (age_max > milliseconds{0}) of.age_max = age_max;
    if (of.age_max > milliseconds{0}) look_for_old_ = clock::now();
    work_.notify_one();
}

bool journal_store::may_give_up(stream_id stream) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    return found != streams_.end() && (found->second.gives_up || found->second.age_max > milliseconds{0});
}

offset journal_store::given_up_below(stream_id stream) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    return found != streams_.end() ? found->second.given_up_below : 0;
}

offset journal_store::epoch_first(stream_id stream) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    return found != streams_.end() ? found->second.epoch_first : 0;
}

std::uint64_t journal_store::given_up(stream_id stream) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    return found != streams_.end() ? found->second.given_up : 0;
}

offset journal_store::first_since(stream_id stream, wall_time when) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return 0;
    const live_stream& of = found->second;
    const std::int64_t since = when.time_since_epoch().count();
    offset first = places_.first_since(stream, since).value_or(of.visible);
    of.carried.for_each_in({0, offset_max}, [&](const carried_place& one) {
        if (one.when >= since) first = std::min(first, one.first);
    });
    return std::max(first, of.first());
}

// For room: what is held stays, up to half of the limit.
bool journal_store::may_give_up(const live_stream& of, offset end, std::int64_t latest, bool for_room,
                                wall_time now) const {
    if (!for_room && (of.age_max == milliseconds{0} || latest >= (now - of.age_max).time_since_epoch().count()))
        return false;
    if (for_room && !of.gives_up) return false;
    return of.delivery.held_from(now) >= end || of.live_bytes() > options_.limits.bytes_max / 2;
}

// Without a change unless all of it may go.
bool journal_store::give_up(const known_segment& oldest, bool for_room) {
    const wall_time now = system_time().wall();
    for (const footer_row& row : oldest.footer.rows) {
        const live_stream& of = streams_[row.stream];
        if (is_live(of, row, oldest) && !may_give_up(of, end_of_row(row), oldest.footer.latest, for_room, now))
            return false;
    }
    for (const footer_row& row : oldest.footer.rows) {
        live_stream& of = streams_[row.stream];
        if (!is_live(of, row, oldest)) continue;
        of.given_up += of.release({0, end_of_row(row) - 1});  // copies of what was older, too
        of.given_up_below = std::max(of.given_up_below, end_of_row(row));
        unsaved_notes_.push_back(note_of(note::kind::given_up, row.stream, offset_as_bytes(of.given_up_below)));
    }
    return true;
}

milliseconds journal_store::youngest_age() const {
    milliseconds youngest{0};
    for (const auto& [id, one] : streams_) {
        if (one.age_max == milliseconds{0}) continue;
        youngest = youngest == milliseconds{0} ? one.age_max : std::min(youngest, one.age_max);
    }
    return youngest;
}

std::optional<std::int64_t> journal_store::too_old_before() const {
    if (clock::now() < look_for_old_) return std::nullopt;
    return (system_time().wall() - youngest_age()).time_since_epoch().count();
}

// With the baton. What is given up goes with the next segment that begins; so it is begun to be given up while three
// segments still find room.
bool journal_store::give_up_what_is_due() {
    const auto now = clock::now();
    const bool looks_for_old = now >= look_for_old_;
    if (looks_for_old) {
        look_for_old_ =
            now + std::clamp<clock::duration>(youngest_age() / looks_per_age, look_at_least_every, look_at_most_every);
    }
    std::uint64_t going = 0;
    bool any = false;
    for (const known_segment& one : writer_->sealed()) {
        const bool lives = std::ranges::any_of(
            one.footer.rows, [&](const footer_row& row) { return is_live(streams_[row.stream], row, one); });
        if (lives) {
            const bool for_room =
                file_bytes_ + queued_bytes_ - going + 3 * options_.limits.segment_bytes > options_.limits.bytes_max;
            const bool is_too_old = looks_for_old && give_up(one, false);
            if (!is_too_old && !(for_room && give_up(one, true))) break;
            if (is_too_old) trims_ = true;  // its file goes at once
            any = true;
        }
        going += one.size;
    }
    return any;
}

}  // namespace godwit::detail
