#include "sqlite/id_rows.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace godwit::detail {

namespace {

constexpr std::int64_t format = 1;
constexpr std::int64_t bytes_each = 200;  // beside the id and its reply

std::int64_t ms_of(id_time at) noexcept { return at.time_since_epoch().count(); }
id_time time_of(std::int64_t ms) noexcept { return id_time{std::chrono::milliseconds{ms}}; }

status run_script(sqlite3* in, const std::string& text) {
    return sqlite3_exec(in, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK ? status{} : status{sqlite_error(in)};
}

}  // namespace

result<id_rows> id_rows::open(sqlite3* in, const id_window& window, const std::string& table, id_time now) {
    const std::string state = table + "_state";
    auto made = run_script(in, "CREATE TABLE IF NOT EXISTS " + table +
                                   " (seq INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE,"
                                   " content INTEGER NOT NULL, marked INTEGER NOT NULL, reply BLOB);"
                                   "CREATE TABLE IF NOT EXISTS " +
                                   state +
                                   " (one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL,"
                                   " known_since INTEGER NOT NULL, ids INTEGER NOT NULL, bytes INTEGER NOT NULL,"
                                   " reply_bytes INTEGER NOT NULL, replies_from INTEGER NOT NULL);"
                                   "INSERT OR IGNORE INTO " +
                                   state + " VALUES (1, " + std::to_string(format) + ", " +
                                   std::to_string(ms_of(window.known_from.value_or(now))) + ", 0, 0, 0, 0);");
    if (!made) return made.error();
    auto asked = statement::make(in, "SELECT format FROM " + state + " WHERE one = 1");
    if (!asked) return asked.error();
    const auto there = asked->step();
    if (!there) return there.error();
    if (*there && asked->number(0) != format)
        return error{errc::unsupported, table + ": format " + std::to_string(asked->number(0)),
                     "this release knows format 1"};
    asked->reset();
    id_rows rows{window};
    if (auto prepared = rows.prepare(in, table); !prepared) return prepared.error();
    return rows;
}

status id_rows::prepare(sqlite3* in, const std::string& table) {
    const std::string state = table + "_state";
    // In the order of `which`.
    const std::string texts[] = {
        "SELECT content, reply FROM " + table + " WHERE id = ?1",
        "SELECT seq, marked, length(id), coalesce(length(reply), 0) FROM " + table + " ORDER BY seq LIMIT 1",
        "SELECT seq, length(reply) FROM " + table + " WHERE seq >= ?1 AND reply IS NOT NULL ORDER BY seq LIMIT 1",
        "DELETE FROM " + table + " WHERE seq = ?1",
        "UPDATE " + table + " SET reply = NULL WHERE seq = ?1",
        "INSERT INTO " + table + " (id, content, marked, reply) VALUES (?1, ?2, ?3, ?4)",
        "SELECT known_since, ids, bytes, reply_bytes, replies_from FROM " + state + " WHERE one = 1",
        "UPDATE " + state +
            " SET known_since = ?1, ids = ?2, bytes = ?3, reply_bytes = ?4, replies_from = ?5 WHERE one = 1",
        "UPDATE " + state + " SET format = format WHERE one = 1",
    };
    for (const std::string& text : texts) {
        auto made = statement::make(in, text);
        if (!made) return made.error();
        all_.push_back(std::move(*made));
    }
    return {};
}

status id_rows::lock() { return all_[lock_state].run(); }

result<std::optional<id_rows::row>> id_rows::find(std::string_view id) {
    statement& asked = all_[find_id].bind(1, id);
    const reading until_the_end{asked};
    const auto there = asked.step();
    if (!there) return there.error();
    if (!*there) return std::optional<row>{};
    return std::optional{row{static_cast<std::uint64_t>(asked.number(0)), asked.text(1)}};
}

result<id_rows::counts> id_rows::read() {
    statement& asked = all_[read_state];
    const reading until_the_end{asked};
    const auto there = asked.step();
    if (!there) return there.error();
    if (!*there) return error{errc::corrupt, "the state of ids", "its row has been deleted"};
    return counts{asked.number(0), asked.number(1), asked.number(2), asked.number(3), asked.number(4)};
}

status id_rows::write(const counts& now) {
    return all_[write_state]
        .bind(1, now.known_since)
        .bind(2, now.ids)
        .bind(3, now.bytes)
        .bind(4, now.reply_bytes)
        .bind(5, now.replies_from)
        .run();
}

result<id_time> id_rows::known_since() {
    const auto now = read();
    if (!now) return now.error();
    return time_of(now->known_since);
}

// What was made before it was marked may be among what is forgotten.
result<bool> id_rows::forget_first(counts& of, std::int64_t marked_before) {
    statement& asked = all_[first_id];
    const reading until_the_end{asked};
    const auto there = asked.step();
    if (!there) return there.error();
    if (!*there || asked.number(1) >= marked_before) return false;
    const std::int64_t seq = asked.number(0), reply_bytes = asked.number(3);
    of.known_since = std::max(of.known_since, asked.number(1) + 1);
    of.bytes -= bytes_each + asked.number(2) + reply_bytes;
    of.reply_bytes -= reply_bytes;
    --of.ids;
    asked.reset();
    if (auto removed = all_[remove_id].bind(1, seq).run(); !removed) return removed.error();
    return true;
}

status id_rows::expire(id_time now) {
    auto counted = read();
    if (!counted) return counted.error();
    for (bool any = false;; any = true) {
        const auto one = forget_first(*counted, ms_of(now - window_.age_max));
        if (!one) return one.error();
        if (!*one) return any ? write(*counted) : status{};
    }
}

status id_rows::drop_replies(counts& of) {
    const auto most = static_cast<std::int64_t>(std::min(window_.replies_bytes_max, window_.bytes_max / 2));
    while (of.reply_bytes > most) {
        statement& asked = all_[first_reply].bind(1, of.replies_from);
        const reading until_the_end{asked};
        const auto there = asked.step();
        if (!there) return there.error();
        if (!*there) return {};
        const std::int64_t seq = asked.number(0), size = asked.number(1);
        asked.reset();
        if (auto cleared = all_[clear_reply].bind(1, seq).run(); !cleared) return cleared;
        of.reply_bytes -= size;
        of.bytes -= size;
        of.replies_from = seq + 1;
    }
    return {};
}

status id_rows::add(std::string_view id, std::uint64_t digest, std::optional<std::string_view> reply, id_time now) {
    auto added =
        all_[add_id].bind(1, id).bind(2, static_cast<std::int64_t>(digest)).bind(3, ms_of(now)).bind(4, reply).run();
    if (!added) return added;
    auto counted = read();
    if (!counted) return counted.error();
    const auto reply_bytes = static_cast<std::int64_t>(reply.value_or("").size());
    ++counted->ids;
    counted->bytes += bytes_each + static_cast<std::int64_t>(id.size()) + reply_bytes;
    counted->reply_bytes += reply_bytes;
    if (auto dropped = drop_replies(*counted); !dropped) return dropped;
    const auto ids_max = static_cast<std::int64_t>(window_.ids_max),
               bytes_max = static_cast<std::int64_t>(window_.bytes_max);
    while (counted->ids > ids_max || (counted->bytes > bytes_max && counted->ids > 1)) {
        const auto one = forget_first(*counted, std::numeric_limits<std::int64_t>::max());
        if (!one) return one.error();
        if (!*one) break;
    }
    return write(*counted);
}

}  // namespace godwit::detail
