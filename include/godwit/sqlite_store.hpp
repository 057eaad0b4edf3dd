// sqlite_store: ids of the user's choice in a table beside the user's own, so that an id and the rows that its handler has
// written are one transaction: both are there or neither, whatever is killed. Exactly once, for effects in that database.
//     auto ids = godwit::sqlite_store::open(database).value();   // an sqlite3* of the user's
//     in.consume(godwit::once(ids, [&](const godwit::delivery& order) { insert_rows(database, order); }));
// Component `sqlite`, target godwit::sqlite: on request only. Synchronous mode, journal mode and busy timeout are the
// connection's. Threads: one at a time, as its connection's transaction: with consume() a concurrency of 1, or a connection
// and a store for each thread.
#pragma once
#include <memory>
#include <string>

#include "godwit/dedup_store.hpp"

struct sqlite3;

namespace godwit {

class GODWIT_EXPORT sqlite_store final : public dedup_store {
public:
    // Makes the tables `table` and `table`_state, if they are not there. Borrows the connection, which must outlive it; one
    // store for a connection and a table. The name: a letter, then letters, digits and _, up to 64.
    // Fails with `invalid_argument`, `unsupported` (a newer format), `locked`, `corrupt`, `full`, `io`.
    static result<sqlite_store> open(sqlite3* connection, const id_window& window = {},
                                     std::string_view table = "godwit_ids");
    sqlite_store(sqlite_store&&) noexcept;
    sqlite_store& operator=(sqlite_store&&) noexcept;
    ~sqlite_store() override;  // rolls back what is in hand

    // Begins a transaction (BEGIN IMMEDIATE), unless one is open already; if the id is fresh it stays open, for the rows of the
    // handler. So one id at a time is in hand: `full` for another. Other connections, and other processes, that claim or write
    // meanwhile wait for it, as long as their busy timeout says: then `locked`. In hand is therefore never told of theirs.
    // What they claim after its end is done, or fresh again. A transaction that was open becomes one that writes: `locked`, too,
    // if it has read, and others have written since; it is its owner's to roll back then.
    result<claim_answer> claim(const chosen_id& what) override;
    // Adds the id, and commits the transaction that claim() has begun; one that was open before is its owner's to commit, and
    // without that nothing is marked. After a failure the transaction is rolled back, with the handler's rows, if claim() had
    // begun it. Fails also with `locked`, `corrupt`, and with `invalid_argument` if the transaction has ended meanwhile: COMMIT
    // and ROLLBACK are not for the handler.
    status mark(std::string_view id, std::optional<std::string_view> reply = {}) override;
    // Rolls back the transaction that claim() has begun.
    status release(std::string_view id) override;
    result<id_time> known_since() override;

private:
    struct state;
    explicit sqlite_store(std::unique_ptr<state> opened) noexcept;
    std::unique_ptr<state> state_;
};

}  // namespace godwit
