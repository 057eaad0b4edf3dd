// statement: a prepared statement of SQLite, and its errors in our words. Threads: as its connection.
#pragma once
#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "godwit/message.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

inline error sqlite_error(sqlite3* of) {
    const std::string_view words = sqlite3_errmsg(of);
    switch (sqlite3_errcode(of) & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {errc::locked, words, "another connection is writing: set sqlite3_busy_timeout"};
        case SQLITE_FULL:
            return {errc::full, words};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {errc::corrupt, words};
        default:
            return {errc::io, words};
    }
}

class statement {
public:
    static result<statement> make(sqlite3* in, const std::string& text) {
        sqlite3_stmt* made = nullptr;
        if (sqlite3_prepare_v3(in, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT, &made,
                               nullptr) != SQLITE_OK)
            return sqlite_error(in);
        return statement{made};
    }

    // Values of one run, from 1 on. Texts must live until the next reset().
    statement& bind(int at, std::int64_t value) noexcept {
        sqlite3_bind_int64(one_.get(), at, value);
        return *this;
    }
    statement& bind(int at, std::string_view value) noexcept {
        // A null pointer would be NULL.
        sqlite3_bind_blob64(one_.get(), at, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC);
        return *this;
    }
    statement& bind(int at, std::optional<std::string_view> value) noexcept {
        if (value) return bind(at, *value);
        sqlite3_bind_null(one_.get(), at);
        return *this;
    }

    // True: there is a row.
    result<bool> step() {
        const int got = sqlite3_step(one_.get());
        if (got == SQLITE_ROW) return true;
        if (got == SQLITE_DONE) return false;
        return sqlite_error(sqlite3_db_handle(one_.get()));
    }
    // All of it, for its effect.
    status run() {
        const auto done = step();
        reset();
        return done ? status{} : status{done.error()};
    }
    void reset() noexcept { sqlite3_reset(one_.get()); }

    std::int64_t number(int column) const noexcept { return sqlite3_column_int64(one_.get(), column); }
    std::optional<std::string> text(int column) const {
        if (sqlite3_column_type(one_.get(), column) == SQLITE_NULL) return std::nullopt;
        const auto* const data = static_cast<const char*>(sqlite3_column_blob(one_.get(), column));
        const int size = sqlite3_column_bytes(one_.get(), column);
        return size == 0 ? std::string{} : std::string{data, static_cast<std::size_t>(size)};
    }

private:
    struct end {
        void operator()(sqlite3_stmt* what) const noexcept { sqlite3_finalize(what); }
    };
    explicit statement(sqlite3_stmt* made) noexcept : one_{made} {}
    std::unique_ptr<sqlite3_stmt, end> one_;
};

// Resets it at the end of a block, so that it holds no lock.
class reading {
public:
    explicit reading(statement& what) noexcept : what_{what} {}
    reading(const reading&) = delete;
    reading& operator=(const reading&) = delete;
    ~reading() { what_.reset(); }

private:
    statement& what_;
};

}  // namespace godwit::detail
