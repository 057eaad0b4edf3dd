// journal_reader: reads a journal beside its writer, in this process or another, or when nobody has it open. It takes no
// lock, changes nothing, and holds nothing up: what is released may be removed while it reads.
//     auto reader = godwit::journal_reader::open("shop.journal").value();
//     auto orders = reader.read({.stream = reader.stream("orders")->id}).value();
//     while (auto record = orders.next().value()) print(record->content.text());
// Beside a writer it sees what is synced, a second late at most, and after a refresh(). What a crash left it reads as far
// as entries pass: recovery keeps all of that. Format: docs/journal_format.md, "Readers and copies".
// Threads: one at a time for a reader and its cursors; every call may read files. Readers know nothing of one another.
// Memory: a megabyte for each cursor, or its largest entry; not the journal's size.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/reliability.hpp"
#include "godwit/result.hpp"
#include "godwit/stream.hpp"

namespace godwit {

struct journal_stream_info {
    std::string name;  // empty: it was given none
    stream_id id;
    offset first = 0;            // of the lowest record that is not released; end if all are
    offset end = 0;              // behind the last
    std::uint64_t records = 0;   // below end, and not released
    std::uint64_t released = 0;  // offsets below end that are, or were never given: a crash leaves out 2^32 of them
};

struct journal_info {
    std::uint64_t epoch = 0;     // how often it was opened to write
    std::uint64_t segments = 0;  // files
    std::uint64_t bytes = 0;     // of them
    bool is_written = false;     // somebody has it open to write
    bool clean = false;          // nobody has, and its last writer closed it
};

// A record as it was found.
struct stored_record {
    stream_id stream;
    offset at = 0;
    std::chrono::sys_time<std::chrono::milliseconds> appended;  // in its stream, never below the one before
    bool released = false;
    message content;
};

enum class journal_start : std::uint8_t {
    first,  // the lowest that is there
    last,   // the last one that is there, and what comes behind it
    next,   // what comes after the last refresh()
};

struct journal_reading {
    std::optional<stream_id> stream = {};  // nothing: all of them, as they were written
    // An offset needs a stream. A time is that of the append.
    std::variant<journal_start, offset, std::chrono::system_clock::time_point> from = journal_start::first;
    bool released = false;     // also what is released, as far as its files are there
    bool past_damage = false;  // leaves out what is damaged; without, reading ends at it with `corrupt`
};

// Goes forward through a journal. It keeps the reader's files open, not the reader; moving it is cheap.
class GODWIT_EXPORT journal_cursor {
public:
    journal_cursor(journal_cursor&&) noexcept;
    journal_cursor& operator=(journal_cursor&&) noexcept;
    ~journal_cursor();

    // Nothing: there is no more as of the last refresh() of its reader; ask again after the next. Fails with `corrupt` (the
    // file, the entry, its byte; again at each call), `unsupported` (written by a newer release), `io`.
    result<std::optional<stored_record>> next();
    // Up to `at_most`, and fewer when they come to a megabyte. Empty: as nothing above. After an error that is not the first
    // thing it meets, it returns what came before, and the error at the next call.
    result<std::vector<stored_record>> next_many(std::size_t at_most);

private:
    friend class journal_reader;
    struct state;
    explicit journal_cursor(std::unique_ptr<state> opened) noexcept;
    std::unique_ptr<state> state_;
};

class GODWIT_EXPORT journal_reader {
public:
    // Fails with `not_found` (no journal is there), `corrupt` (nothing of it can be read: its identity, or every
    // checkpoint, is damaged), `unsupported` (a newer format), `io`.
    static result<journal_reader> open(const std::filesystem::path& directory);
    journal_reader(journal_reader&&) noexcept;
    journal_reader& operator=(journal_reader&&) noexcept;
    ~journal_reader();

    // Looks for what came since. Fails as open() does; call it again then.
    status refresh();
    // As of the last refresh():
    std::vector<journal_stream_info> streams() const;  // by name
    std::optional<journal_stream_info> stream(std::string_view name) const;
    std::optional<journal_stream_info> stream(stream_id id) const;
    result<journal_info> info() const;  // `io`

    // What its sender gave up, in order, up to so many from that offset on. Fails as a cursor does.
    result<std::vector<dead_letter>> dead_letters(stream_id stream, offset from = 0, std::size_t at_most = 100) const;
    // Fails with `invalid_argument` (an offset without a stream), `io`.
    result<journal_cursor> read(const journal_reading& what = {}) const;

private:
    struct state;
    explicit journal_reader(std::unique_ptr<state> opened) noexcept;
    std::unique_ptr<state> state_;
};

}  // namespace godwit
