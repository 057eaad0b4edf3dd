#include "journal/carried_places.hpp"

#include <algorithm>

#include "journal/bytes_writer.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t place_bytes = 6 * sizeof(std::uint64_t);

}  // namespace

void carried_places::put(const carried_place& one) {
    auto old = places_.lower_bound(one.first);
    while (old != places_.end() && old->second.first <= one.last) old = places_.erase(old);
    places_.emplace_hint(old, one.last, one);
}

void carried_places::forget(offset_range what, const range_set& released) {
    for (auto one = places_.lower_bound(what.first); one != places_.end() && one->second.first <= what.last;)
        one = released.first_missing(one->second.first) > one->second.last ? places_.erase(one) : std::next(one);
}

const carried_place* carried_places::find(offset at) const noexcept {
    const auto found = places_.lower_bound(at);
    return found != places_.end() && found->second.first <= at ? &found->second : nullptr;
}

const carried_place* carried_places::first_in(std::uint64_t segment, offset_range what) const noexcept {
    for (auto one = places_.lower_bound(what.first); one != places_.end() && one->second.first <= what.last; ++one) {
        if (one->second.segment == segment) return &one->second;
    }
    return nullptr;
}

offset carried_places::first_not_carried(offset_range what, const range_set& released) const noexcept {
    offset at = released.first_missing(what.first);
    for (const carried_place* place; at <= what.last && (place = find(at)) != nullptr;)
        at = released.first_missing(place->last + 1);
    return at;
}

std::vector<offset_range> carried_places::live_in(std::uint64_t segment, offset_range what,
                                                  const range_set& released) const {
    range_set away;
    released.for_each_in(what, [&](offset_range part) { away.add(part); });
    for_each_in(what, [&](const carried_place& one) {
        if (one.segment != segment) away.add({one.first, one.last});
    });
    std::vector<offset_range> live;
    away.for_each_missing_in(what, [&](offset_range part) { live.push_back(part); });
    return live;
}

std::uint64_t carried_places::count_not_carried(offset_range what, const range_set& released) const {
    std::uint64_t count = 0, carried = 0;
    released.for_each_missing_in(what, [&](offset_range part) { count += part.count(); });
    for_each_in(what, [&](const carried_place& one) {
        released.for_each_missing_in({std::max(one.first, what.first), std::min(one.last, what.last)},
                                     [&](offset_range part) { carried += part.count(); });
    });
    return count - carried;
}

bool is_live_in(std::uint64_t segment, const footer_row& row, const range_set& released,
                const carried_places& carried) noexcept {
    if (row.first < row.end && carried.first_not_carried({row.first, row.end - 1}, released) < row.end) return true;
    return row.carried_first < row.carried_end &&
           carried.first_in(segment, {row.carried_first, row.carried_end - 1}) != nullptr;
}

entry carried_entry(std::vector<dated_batch>&& copies) {
    std::ranges::sort(copies, {}, [](const dated_batch& one) {
        return std::pair{one.batch.view.stream(), one.batch.view.first()};
    });
    entry made;
    std::string content(copies.size() * sizeof(std::int64_t), '\0');
    fixed_writer to{reinterpret_cast<std::byte*>(content.data())};
    for (dated_batch& one : copies) {
        to.put(one.when);
        made.batches.push_back(std::move(one.batch));
    }
    made.notes.push_back({note::kind::carried, {}, std::move(content)});
    return made;
}

std::vector<std::int64_t> decode_carried(std::string_view content) {
    std::vector<std::int64_t> when(content.size() / sizeof(std::int64_t));
    fixed_reader from{reinterpret_cast<const std::byte*>(content.data())};
    for (std::int64_t& one : when) from.take(one);
    return when;
}

std::string encode(const carried_place& from) {
    std::string content(place_bytes, '\0');
    fixed_writer to{reinterpret_cast<std::byte*>(content.data())};
    to.put(from.first), to.put(from.last), to.put(from.segment), to.put(from.position);
    to.put(from.when), to.put(from.bytes);
    return content;
}

result<carried_place> decode_place(std::string_view content) {
    if (content.size() < place_bytes) return error{errc::malformed, "a note: a place"};
    fixed_reader from{reinterpret_cast<const std::byte*>(content.data())};
    carried_place one;
    from.take(one.first), from.take(one.last), from.take(one.segment), from.take(one.position);
    from.take(one.when), from.take(one.bytes);
    if (one.first > one.last || one.last > offset_max) return error{errc::malformed, "a note: a place's offsets"};
    return one;
}

}  // namespace godwit::detail
