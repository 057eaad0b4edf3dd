#include "journal/journal_state.hpp"

#include "journal/bytes_writer.hpp"

namespace godwit::detail {

namespace {

constexpr offset epoch_step = offset{1} << 32;
constexpr std::size_t range_bytes = 2 * sizeof(offset);

error cut_off(std::string_view what) { return error{errc::malformed, std::string{"a note: "}.append(what)}; }

template <class T>
T at_begin(std::string_view content) noexcept {
    return journal_format::load<T>(reinterpret_cast<const std::byte*>(content.data()));
}

}  // namespace

note note_of(note::kind what, stream_id stream, std::string content) { return {what, stream, std::move(content)}; }

std::string ranges_as_bytes(std::span<const offset_range> ranges) {
    std::string content(ranges.size() * range_bytes, '\0');
    fixed_writer to{reinterpret_cast<std::byte*>(content.data())};
    for (const offset_range& one : ranges) to.put(one.first), to.put(one.last);
    return content;
}

std::string offset_as_bytes(offset at) {
    std::string content(sizeof at, '\0');
    fixed_writer{reinterpret_cast<std::byte*>(content.data())}.put(at);
    return content;
}

void journal_state::settle(stream_state& of, offset_range what) {
    of.released.add(what);
    of.delivery.forget(what);
    of.carried.forget(what, of.released);
}

void journal_state::apply(const note& said) {
    (void)apply(decoded_entry::note_view{said.what, said.stream, said.content});
}

status journal_state::apply(const decoded_entry::note_view& said) {
    const std::string_view content = said.content;
    switch (said.what) {
        case note::kind::settlement: {
            if (content.size() % range_bytes != 0) return cut_off("a settlement");
            fixed_reader from{reinterpret_cast<const std::byte*>(content.data())};
            for (std::size_t left = content.size() / range_bytes; left > 0; --left) {
                const auto first = from.take<offset>(), last = from.take<offset>();
                if (first > last || last > offset_max) return cut_off("a settlement's range");
                settle(streams_[said.stream], {first, last});
            }
            return {};
        }
        case note::kind::floor:
        case note::kind::next:
        case note::kind::epoch:
        case note::kind::given_up: {
            if (content.size() < sizeof(offset)) return cut_off("an offset");
            const auto at = at_begin<offset>(content);
            if (at > offset_max) return cut_off("an offset above 2^63");
            stream_state& of = streams_[said.stream];
            if (said.what == note::kind::floor) {
                if (at > 0) settle(of, {0, at - 1});
            } else if (said.what == note::kind::given_up) {
                of.given_up_below = std::max(of.given_up_below, at);
            } else if (at > of.next) {
                if (said.what == note::kind::epoch) settle(of, {of.next, at - 1});
                of.next = at;
            }
            return {};
        }
        case note::kind::stream:
            streams_[said.stream].name = content;
            return {};
        case note::kind::attempt:
        case note::kind::dead_letter:
        case note::kind::position: {
            stream_state& of = streams_[said.stream];
            return of.delivery.apply(said.what, content, of.released);
        }
        case note::kind::place: {
            const auto place = decode_place(content);
            if (!place) return place.error();
            streams_[said.stream].carried.put(*place);
            return {};
        }
        case note::kind::checkpoint_begins:
            clear();
            return {};
        default:
            return {};
    }
}

void journal_state::wrote(const batch_view& batch) {
    stream_state& of = streams_[batch.stream()];
    if (batch.first() > of.next) of.released.add({of.next, batch.first() - 1});
    of.next = std::max(of.next, batch.last() + 1);
    if (batch.is_dense() || batch.codec() != batch_format::codec_none) return;
    record_view each;
    offset expected = batch.first();
    for (std::uint32_t position = batch.begin_position(); batch.next(position, each); expected = each.at + 1) {
        if (each.at > expected) of.released.add({expected, each.at - 1});
    }
}

void journal_state::carried(const batch_view& batch, std::uint64_t segment, std::uint64_t position, std::int64_t when) {
    stream_state& of = streams_[batch.stream()];
    const carried_place place{batch.first(), batch.last(), segment, position, when, batch.data().size()};
    of.carried.put(place);
    of.carried.forget({place.first, place.last}, of.released);
}

const stream_state* journal_state::find(stream_id which) const noexcept {
    const auto found = streams_.find(which);
    return found != streams_.end() ? &found->second : nullptr;
}

const stream_state* journal_state::find(std::string_view name, stream_id& which) const noexcept {
    for (const auto& [id, state] : streams_) {
        if (state.name == name) return which = id, &state;
    }
    return nullptr;
}

void journal_state::skip_what_is_settled() {
    for (auto& [id, state] : streams_) {
        if (state.released.empty() || state.released.last() < state.next) continue;
        const offset last = state.released.last();
        settle(state, {state.next, last});
        state.next = last + 1;
    }
}

void journal_state::skip_what_may_have_been_given() {
    for (auto& [id, state] : streams_) {
        const offset goes_on = state.next + epoch_step;
        settle(state, {state.next, goes_on - 1});
        state.next = goes_on;
    }
}

std::vector<note> journal_state::checkpoint() const {
    using kind = note::kind;
    std::vector<note> all;
    all.push_back(note_of(kind::checkpoint_begins, {}, {}));
    for (const auto& [id, state] : streams_) {
        if (!state.name.empty()) all.push_back(note_of(kind::stream, id, state.name));
        all.push_back(note_of(kind::next, id, offset_as_bytes(state.next)));
        std::span<const offset_range> above = state.released.ranges();
        if (!above.empty() && above.front().first == 0) {
            all.push_back(note_of(kind::floor, id, offset_as_bytes(above.front().last + 1)));
            above = above.subspan(1);
        }
        if (!above.empty()) all.push_back(note_of(kind::settlement, id, ranges_as_bytes(above)));
        if (state.given_up_below > 0) all.push_back(note_of(kind::given_up, id, offset_as_bytes(state.given_up_below)));
        state.delivery.append_to(all, id);
        state.carried.for_each_in({0, offset_max}, [&, id = id](const carried_place& one) {
            all.push_back(note_of(kind::place, id, encode(one)));
        });
    }
    all.push_back(note_of(kind::checkpoint_ends, {}, {}));
    return all;
}

}  // namespace godwit::detail
