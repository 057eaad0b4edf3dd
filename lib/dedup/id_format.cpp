#include "dedup/id_format.hpp"

#include <limits>
#include <utility>

#include "base/byte_fields.hpp"
#include "base/handled_marks.hpp"

namespace godwit::detail {

namespace {

constexpr std::uint32_t no_reply = std::numeric_limits<std::uint32_t>::max();

}  // namespace

void put_id(std::string& into, const id_table::done_id& what) {
    using byte_fields::put;
    put(into, mark_kind::id), put(into, what.digest);
    put(into, static_cast<std::int64_t>(what.marked.time_since_epoch().count()));
    put(into, static_cast<std::uint16_t>(what.id.size()));
    put(into, what.reply ? static_cast<std::uint32_t>(what.reply->size()) : no_reply);
    into.append(what.id);
    if (what.reply) into.append(*what.reply);
}

void id_content::put_all(std::string& into) const {
    using byte_fields::put;
    put(into, mark_kind::known_since);
    const id_time since = of_.known_since() == id_time::min() ? begins_ : of_.known_since();
    put(into, static_cast<std::int64_t>(since.time_since_epoch().count()));
    for (const auto& one : of_.done()) put_id(into, one);
}

status id_content::apply(bytes content, bool& closed) {
    const error wrong{errc::malformed, "an entry of ids"};
    for (byte_fields::reader from{content}; !from.left.empty();) {
        const auto what = from.take<mark_kind>();
        closed = what == mark_kind::closed;
        if (closed) continue;
        if (what == mark_kind::known_since) {
            const id_time since{std::chrono::milliseconds{from.take<std::int64_t>()}};
            if (!from.whole) return wrong;
            of_.knows_since(since);
            continue;
        }
        if (what != mark_kind::id) return wrong;
        id_table::done_id one;
        one.digest = from.take<std::uint64_t>();
        one.marked = id_time{std::chrono::milliseconds{from.take<std::int64_t>()}};
        const auto id_size = from.take<std::uint16_t>();
        const auto reply_size = from.take<std::uint32_t>();
        if (!from.whole || id_size == 0 || id_size > id_bytes_max) return wrong;
        one.id = from.take_text(id_size);
        if (reply_size != no_reply) one.reply = from.take_text(reply_size);
        if (!from.whole) return wrong;
        of_.restore(std::move(one));
    }
    return {};
}

}  // namespace godwit::detail
