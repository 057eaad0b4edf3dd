#include "base/handled_marks.hpp"

#include "base/byte_fields.hpp"

namespace godwit::detail {

namespace {

using byte_fields::put;
using byte_fields::reader;
using kind = mark_kind;

}  // namespace

void put_producer(std::string& into, stream_id stream, const producer_memory& what) {
    put(into, kind::producer), put(into, stream), put(into, what.epoch), put(into, what.nonce);
    put(into, what.floor()), put(into, what.end());
    for (const offset_range& range : what.live().ranges()) {
        put(into, kind::live), put(into, stream), put(into, range.first), put(into, range.last);
    }
}

void put_done(std::string& into, stream_id stream, offset_range what) {
    put(into, kind::done), put(into, stream), put(into, what.first), put(into, what.last);
}

void put_forgotten(std::string& into, stream_id stream) { put(into, kind::forgotten), put(into, stream); }

void put_closed(std::string& into) { put(into, kind::closed); }

void put_all(std::string& into, const guard& what) {
    for (const auto& [stream, one] : what.producers()) {
        put_producer(into, stream, one);
        for (const offset_range& range : one.done().ranges()) put_done(into, stream, range);
    }
}

status apply_marks(bytes content, guard& into, bool& closed) {
    const error wrong{errc::malformed, "an entry of marks"};
    for (reader from{content}; !from.left.empty();) {
        const auto what = from.take<kind>();
        closed = what == kind::closed;
        if (closed) continue;
        if (what < kind::producer || what > kind::forgotten) return wrong;
        const stream_id stream = from.take_id();
        if (what == kind::producer) {
            const auto epoch = from.take<std::uint64_t>();
            const stream_id nonce = from.take_id();
            const auto floor = from.take<offset>(), end = from.take<offset>();
            if (!from.whole) return wrong;
            producer_memory& of = into.producer(stream);
            of.epoch = epoch;
            of.nonce = nonce;
            of.restore(floor, end);
            continue;
        }
        if (what == kind::forgotten) {
            if (!from.whole) return wrong;
            into.forget(stream);
            continue;
        }
        const auto first = from.take<offset>(), last = from.take<offset>();
        if (!from.whole || first > last || last > offset_max) return wrong;
        if (what == kind::live) {
            into.producer(stream).restore_live({first, last});
        } else {
            into.mark({stream, {first, last}});
        }
    }
    return {};
}

}  // namespace godwit::detail
