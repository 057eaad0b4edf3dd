// id_rows: the tables of a sqlite_store: the ids that are done, and a row that counts them and says from when on none was
// forgotten. It begins and ends no transaction. Threads: as its connection.
//     TABLE        seq INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB UNIQUE, content INTEGER, marked INTEGER, reply BLOB
//     TABLE_state  one INTEGER PRIMARY KEY (1), format (1), known_since, ids, bytes, reply_bytes, replies_from
// Times are ms since 1970; content is chosen_id::content_digest().
#pragma once
#include <string>
#include <vector>

#include "godwit/dedup_store.hpp"
#include "sqlite/statement.hpp"

namespace godwit::detail {

class id_rows {
public:
    struct row {
        std::uint64_t digest = 0;
        std::optional<std::string> reply;
    };

    // Makes the tables, inside the transaction that is open.
    static result<id_rows> open(sqlite3* in, const id_window& window, const std::string& table, id_time now);

    status lock();  // for a transaction that may only have read: against others that write
    result<std::optional<row>> find(std::string_view id);
    result<id_time> known_since();
    status expire(id_time now);  // forgets what is older than the window
    status add(std::string_view id, std::uint64_t digest, std::optional<std::string_view> reply, id_time now);

private:
    enum which : std::size_t {
        find_id,
        first_id,
        first_reply,
        remove_id,
        clear_reply,
        add_id,
        read_state,
        write_state,
        lock_state
    };
    struct counts {
        std::int64_t known_since = 0, ids = 0, bytes = 0, reply_bytes = 0, replies_from = 0;
    };
    explicit id_rows(const id_window& window) noexcept : window_{window} {}
    status prepare(sqlite3* in, const std::string& table);
    result<counts> read();
    status write(const counts& now);
    // True: there was one, and it has gone. Only if it was marked before that.
    result<bool> forget_first(counts& of, std::int64_t marked_before);
    status drop_replies(counts& of);

    id_window window_;
    std::vector<statement> all_;
};

}  // namespace godwit::detail
