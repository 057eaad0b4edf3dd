#include "godwit/sqlite_store.hpp"

#include <algorithm>
#include <utility>

#include "base/ports.hpp"
#include "sqlite/id_rows.hpp"

namespace godwit {

namespace {

constexpr std::size_t table_bytes_max = 64;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

status check_table(std::string_view name) {
    const bool fits =
        !name.empty() && name.size() <= table_bytes_max && is_letter(name.front()) &&
        std::ranges::all_of(name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
    return fits ? status{}
                : error{errc::invalid_argument, name, "a table's name: a letter, then letters, digits and _"};
}

id_time wall() noexcept { return detail::system_time().wall(); }

// Rolls back what was begun, unless it is kept. SQLite has rolled back by itself after some errors.
class rollback {
public:
    rollback(sqlite3* of, bool began) noexcept : of_{began ? of : nullptr} {}
    rollback(const rollback&) = delete;
    rollback& operator=(const rollback&) = delete;
    ~rollback() {
        if (of_ != nullptr && sqlite3_get_autocommit(of_) == 0)
            sqlite3_exec(of_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    void keep() noexcept { of_ = nullptr; }

private:
    sqlite3* of_;
};

}  // namespace

struct sqlite_store::state {
    struct in_hand {
        std::string id;
        std::uint64_t digest = 0;
        bool began = false;  // the transaction
    };

    state(sqlite3* of, detail::id_rows&& kept) noexcept : connection{of}, rows{std::move(kept)} {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() { const rollback in_hand_yet{connection, held && held->began}; }

    bool is_open() const noexcept { return sqlite3_get_autocommit(connection) == 0; }
    status run(const char* text) const {
        if (sqlite3_exec(connection, text, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
        return detail::sqlite_error(connection);
    }
    // What happens inside the transaction that is open.
    result<claim_answer> look(const chosen_id& what) {
        if (auto expired = rows.expire(wall()); !expired) return expired.error();
        auto known = rows.find(what.id);
        if (!known) return known.error();
        if (*known) {
            if (what.differs_from((*known)->digest)) return claim_answer{claimed::conflict};
            return claim_answer{claimed::done, std::move((*known)->reply)};
        }
        const auto since = rows.known_since();
        if (!since) return since.error();
        return claim_answer{what.made && *what.made < *since ? claimed::too_old : claimed::fresh};
    }

    sqlite3* connection;
    detail::id_rows rows;
    std::optional<in_hand> held = {};
};

result<sqlite_store> sqlite_store::open(sqlite3* connection, const id_window& window, std::string_view table) {
    if (connection == nullptr) return error{errc::invalid_argument, "connection", "a null pointer"};
    if (auto fits = window.check(); !fits) return fits.error();
    if (auto fits = check_table(table); !fits) return fits.error();
    const bool begins = sqlite3_get_autocommit(connection) != 0;
    const auto run = [&](const char* text) {
        return sqlite3_exec(connection, text, nullptr, nullptr, nullptr) == SQLITE_OK;
    };
    if (begins && !run("BEGIN IMMEDIATE")) return detail::sqlite_error(connection);
    rollback undo{connection, begins};
    auto rows = detail::id_rows::open(connection, window, std::string{table}, wall());
    if (rows && begins && !run("COMMIT")) rows = detail::sqlite_error(connection);
    if (!rows) return rows.error();
    undo.keep();
    return sqlite_store{std::make_unique<state>(connection, std::move(*rows))};
}

sqlite_store::sqlite_store(std::unique_ptr<state> opened) noexcept : state_{std::move(opened)} {}
sqlite_store::sqlite_store(sqlite_store&&) noexcept = default;
sqlite_store& sqlite_store::operator=(sqlite_store&&) noexcept = default;
sqlite_store::~sqlite_store() = default;

result<claim_answer> sqlite_store::claim(const chosen_id& what) {
    if (auto fits = what.check(); !fits) return fits.error();
    if (const auto& held = state_->held) {
        if (held->id != what.id)
            return error{errc::full, what.id, "one id at a time: another one's transaction is open"};
        return claim_answer{what.differs_from(held->digest) ? claimed::conflict : claimed::in_hand};
    }
    const bool begins = !state_->is_open();
    if (begins) {
        if (auto begun = state_->run("BEGIN IMMEDIATE"); !begun) return begun.error();
    } else if (auto locked = state_->rows.lock(); !locked) {
        return locked.error();
    }
    rollback undo{state_->connection, begins};
    auto found = state_->look(what);
    if (!found) return found;
    if (found->what == claimed::fresh) {
        state_->held.emplace(state::in_hand{what.id, what.content_digest(), begins});
    } else if (begins) {
        if (auto ended = state_->run("COMMIT"); !ended) return ended.error();
    }
    undo.keep();
    return found;
}

status sqlite_store::mark(std::string_view id, std::optional<std::string_view> reply) {
    if (!state_->held || state_->held->id != id)
        return error{errc::not_found, id, "it is not in hand here: claim it first"};
    const state::in_hand mine = *std::exchange(state_->held, std::nullopt);
    if (!state_->is_open())
        return error{errc::invalid_argument, id,
                     "the transaction that claimed it has ended: mark() is what commits it"};
    rollback undo{state_->connection, mine.began};
    auto done = state_->rows.add(id, mine.digest, reply, wall());
    if (done && mine.began) done = state_->run("COMMIT");
    if (done) undo.keep();
    return done;
}

status sqlite_store::release(std::string_view id) {
    if (!state_->held || state_->held->id != id)
        return error{errc::not_found, id, "it is not in hand here: claim it first"};
    const state::in_hand mine = *std::exchange(state_->held, std::nullopt);
    return mine.began && state_->is_open() ? state_->run("ROLLBACK") : status{};
}

result<id_time> sqlite_store::known_since() { return state_->rows.known_since(); }

}  // namespace godwit
