// The layout of each kind of frame behind the head, said once: the same functions write and read it, so that the two
// cannot differ. IO is envelope_writer or envelope_reader (link_frames.cpp):
//   number(field, name, least, most)   an integer, an enum or a bool, of its own size
//   text(field, name, most)            u32 length, bytes
//   list(field, name, most, smallest, element)  u32 count, elements of at least `smallest` bytes
// Reading, a value outside of its bounds is `malformed`, a length above its limit `too_large`.
#pragma once
#include <limits>

#include "ack_retry/link_frames.hpp"

namespace godwit::detail::layout {

inline constexpr std::size_t ranges_max = link_ranges_max, filters_max = 1024, codecs_max = 16, next_max = 4096;
inline constexpr std::size_t name_bytes_max = 128, why_bytes_max = link_why_bytes_max, reason_bytes_max = 1024,
                             filter_bytes_max = 65'535;
inline constexpr std::uint32_t heartbeat_ms_max = 3'600'000, lease_ms_max = 86'400'000;
inline constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();

template <class IO, class Id>
void id(IO& io, Id& one) {
    io.number(one.high, "id", 0, any);
    io.number(one.low, "id", 0, any);
}

template <class IO, class Range>
void range(IO& io, Range& one) {
    io.number(one.first, "first", 0, offset_max);
    io.number(one.last, "last", one.first, offset_max);
}

template <class IO, class Hello>
void hello_lists(IO& io, Hello& h) {
    io.list(h.codecs, "codecs", codecs_max, 1, [&](auto& one) { io.number(one, "codec", 0, 255); });
    io.list(h.below_floor, "below_floor", ranges_max, 16, [&](auto& one) { range(io, one); });
    io.list(h.holds, "holds", ranges_max, 36, [&](auto& one) {
        id(io, one.stream);
        range(io, one.what);
        io.number(one.attempt, "attempt", 1, any);
    });
    io.list(h.next, "next", next_max, 24, [&](auto& one) {
        id(io, one.first);
        io.number(one.second, "next", 0, offset_max);
    });
    io.list(h.filters, "filters", filters_max, 4, [&](auto& one) { io.text(one, "filter", filter_bytes_max); });
    io.text(h.name, "name", name_bytes_max);
}

template <class IO, class Hello>
void fields_of_hello(IO& io, Hello& h) {
    io.number(h.lowest_version, "lowest_version", 1, 255);
    io.number(h.highest_version, "highest_version", h.lowest_version, 255);
    io.number(h.own, "pattern", 0, static_cast<std::uint64_t>(pattern::rep));
    io.number(h.from, "from", 0, 255);
    io.number(h.tag, "tag", 1, any);
    io.number(h.answers, "answers", 0, any);
    id(io, h.identity);
    id(io, h.nonce);
    io.number(h.epoch, "epoch", 0, any);
    id(io, h.scope);
    io.number(h.can, "can", 0, any);
    io.number(h.needs, "needs", 0, any);
    io.number(h.heartbeat_ms, "heartbeat_ms", 1, heartbeat_ms_max);
    io.number(h.lease_ms, "lease_ms", h.heartbeat_ms, lease_ms_max);
    io.number(h.window_messages, "window_messages", 0, any);
    io.number(h.window_bytes, "window_bytes", 0, any);
    io.number(h.message_bytes_max, "message_bytes_max", 0, any);
    id(io, h.stream);
    io.number(h.floor, "floor", 0, offset_max);
    hello_lists(io, h);
}

template <class IO, class Data>
void fields_of_data(IO& io, Data& d) {
    io.number(d.number, "number", 1, any);
    io.number(d.floor, "floor", 0, offset_max);
    io.number(d.batch_checksum, "batch_checksum", 0, any);
    io.number(d.attempt, "attempt", 1, any);
}

template <class IO, class Fragment>
void fields_of_fragment(IO& io, Fragment& f) {
    fields_of_data(io, f.of);
    io.number(f.total, "total", 1, any);
    io.number(f.at, "at", 0, f.total - 1u);
    io.number(f.reply, "reply", 0, 1);
    io.number(f.failed, "failed", 0, 1);
}

template <class IO, class Ack>
void fields_of_ack(IO& io, Ack& a) {
    io.number(a.received, "received", 0, any);
    io.number(a.handed, "handed", 0, any);
    io.number(a.window_bytes, "window_bytes", 0, any);
    io.number(a.window_messages, "window_messages", 0, any);
    io.list(a.ranges, "ranges", ranges_max, link_settled_bytes_min, [&](auto& one) {
        using how = ack_frame::settled::how;
        id(io, one.stream);
        range(io, one.what);
        io.number(one.attempt, "attempt", 1, any);
        io.number(one.delay_ms, "delay_ms", 0, any);
        io.number(one.outcome, "outcome", 0, static_cast<std::uint64_t>(how::crashed));
        io.text(one.why, "why", reason_bytes_max);
    });
}

template <class IO, class Gap>
void fields_of_range(IO& io, Gap& g) {
    id(io, g.stream);
    range(io, g.what);
}

template <class IO, class Reply>
void fields_of_reply(IO& io, Reply& r) {
    io.number(r.number, "number", 1, any);
    io.number(r.batch_checksum, "batch_checksum", 0, any);
    io.number(r.failed, "failed", 0, 1);
}

template <class IO, class T>
void fields(IO& io, T& content) {
    using kind = std::remove_const_t<T>;
    if constexpr (std::is_same_v<kind, hello>) {
        fields_of_hello(io, content);
    } else if constexpr (std::is_same_v<kind, data_frame>) {
        fields_of_data(io, content);
    } else if constexpr (std::is_same_v<kind, fragment_frame>) {
        fields_of_fragment(io, content);
    } else if constexpr (std::is_same_v<kind, ack_frame>) {
        fields_of_ack(io, content);
    } else if constexpr (std::is_same_v<kind, ping_frame>) {
        io.number(content.number, "number", 0, any);
        io.number(content.floor, "floor", 0, offset_max);
        io.number(content.answer, "answer", 0, 1);
    } else if constexpr (std::is_same_v<kind, bye_frame>) {
        io.number(content.drains, "drains", 0, 1);
        io.text(content.why, "why", why_bytes_max);
    } else if constexpr (std::is_same_v<kind, reset_frame>) {
        io.number(content.tag, "tag", 0, any);
    } else if constexpr (std::is_same_v<kind, refuse_frame>) {
        io.number(content.code, "code", 1, static_cast<std::uint64_t>(errc::unknown));
        io.text(content.why, "why", why_bytes_max);
    } else if constexpr (std::is_same_v<kind, filter_frame>) {
        io.number(content.add, "add", 0, 1);
        io.text(content.filter, "filter", filter_bytes_max);
    } else if constexpr (std::is_same_v<kind, reply_frame>) {
        fields_of_reply(io, content);
    } else {
        static_assert(std::is_same_v<kind, gap_frame> || std::is_same_v<kind, cancel_frame>);
        fields_of_range(io, content);
    }
}

}  // namespace godwit::detail::layout
