// Ids in the user's own database: the suite, and that an id and the user's rows are there together or not at all.
#include "godwit/sqlite_store.hpp"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "conformance/dedup_store_suite.hpp"
#include "conformance/failing_new.hpp"
#include "godwit/once.hpp"
#include "journal/scratch_folder.hpp"

using namespace godwit;
using dedup_store_suite::ask;
using dedup_store_suite::do_it;
using dedup_store_suite::wall;
using namespace std::chrono_literals;

namespace {

class database {
public:
    explicit database(const std::filesystem::path& file) {
        REQUIRE(sqlite3_open(file.c_str(), &open_) == SQLITE_OK);
        run("PRAGMA synchronous = OFF");
        run("CREATE TABLE IF NOT EXISTS bills (what TEXT)");
    }
    database(database&& other) noexcept : open_{std::exchange(other.open_, nullptr)} {}
    database& operator=(database&&) = delete;
    ~database() { sqlite3_close(open_); }
    void run(const std::string& text) {
        REQUIRE(sqlite3_exec(open_, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    void bill(const std::string& what) { run("INSERT INTO bills VALUES ('" + what + "')"); }
    int count(const std::string& of = "bills") {
        sqlite3_stmt* asked = nullptr;
        REQUIRE(sqlite3_prepare_v2(open_, ("SELECT count(*) FROM " + of).c_str(), -1, &asked, nullptr) == SQLITE_OK);
        REQUIRE(sqlite3_step(asked) == SQLITE_ROW);
        const int rows = sqlite3_column_int(asked, 0);
        sqlite3_finalize(asked);
        return rows;
    }
    operator sqlite3*() const noexcept { return open_; }

private:
    sqlite3* open_ = nullptr;
};

sqlite_store must_open(database& in, const id_window& window = {}) {
    auto opened = sqlite_store::open(in, window);
    if (!opened) FAIL(opened.error().what());
    return std::move(*opened);
}

// A store with a connection of its own.
struct whole_store final : dedup_store {
    whole_store(const std::filesystem::path& file, const id_window& window) : in{file}, ids{must_open(in, window)} {}
    result<claim_answer> claim(const chosen_id& what) override { return ids.claim(what); }
    status mark(std::string_view id, std::optional<std::string_view> reply) override { return ids.mark(id, reply); }
    status release(std::string_view id) override { return ids.release(id); }
    result<id_time> known_since() override { return ids.known_since(); }
    database in;
    sqlite_store ids;
};

struct books {
    journal_tests::scratch_folder folder;
    std::filesystem::path file = folder.path() / "books.db";
    database in{file};
    sqlite_store ids = must_open(in);
};

}  // namespace

TEST_CASE("a sqlite_store is a dedup_store") {
    const journal_tests::scratch_folder folder;
    int number = 0;
    const auto open = [&](const id_window& window) {
        return std::make_unique<whole_store>(folder.path() / std::to_string(number), window);
    };
    dedup_store_suite::run({.make = [&](const id_window& window) { return ++number, open(window); },
                            .reopen = open,
                            .many_in_hand = false});
}

TEST_CASE("the id and the handler's rows commit together, and a handler that throws leaves neither") {
    books all;
    delivery order{message::make({.headers = {{"message_id", "7"}}}).value()};
    CHECK_THROWS(handle_once(all.ids, order, [&](delivery&) {
        all.in.bill("7");
        throw std::runtime_error{"no paper"};
    }));
    CHECK(all.in.count() == 0);
    for (const claimed expected : {claimed::fresh, claimed::done}) {
        CHECK(handle_once(all.ids, order, [&](delivery&) { all.in.bill("7"); }).value() == expected);
        CHECK(all.in.count() == 1);
    }
}

TEST_CASE("RELIABILITY 7, 8: a process that is killed before mark() leaves neither row nor id, and behind it both") {
    books all;
    for (const bool before : {true, false}) {
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            database mine{all.file};
            auto ids = must_open(mine);
            if (ids.claim({"7"}).value().what != claimed::fresh) ::_exit(2);
            mine.bill("7");
            if (!before && !ids.mark("7", "bill 1")) ::_exit(3);
            ::kill(::getpid(), SIGKILL);
        }
        int how = 0;
        REQUIRE(::waitpid(child, &how, 0) == child);
        REQUIRE(WIFSIGNALED(how));
        CHECK(all.in.count() == (before ? 0 : 1));
        const auto found = all.ids.claim({"7"}).value();
        CHECK(found.what == (before ? claimed::fresh : claimed::done));
        if (before) REQUIRE(all.ids.release("7"));
        if (!before) CHECK(found.reply == "bill 1");
    }
}

TEST_CASE("while one connection has an id in hand another one is told locked, and done after it") {
    books all;
    database other{all.file};
    auto theirs = must_open(other);
    REQUIRE(ask(all.ids, "7") == claimed::fresh);
    CHECK(theirs.claim({"7"}).failed(errc::locked));
    CHECK(all.ids.claim({"8"}).failed(errc::full));
    REQUIRE(all.ids.mark("7"));
    CHECK(ask(theirs, "7") == claimed::done);
}

TEST_CASE("in a transaction of the user's own nothing is marked before the user commits it") {
    books all;
    database other{all.file};
    auto theirs = must_open(other);
    for (const char* end : {"ROLLBACK", "COMMIT"}) {
        all.in.run("BEGIN IMMEDIATE");
        REQUIRE(ask(all.ids, "7") == claimed::fresh);
        all.in.bill("7");
        REQUIRE(all.ids.mark("7"));
        CHECK(ask(all.ids, "7") == claimed::done);
        all.in.run(end);
        CHECK(other.count() == (end[0] == 'C' ? 1 : 0));
        CHECK(ask(theirs, "7") == (end[0] == 'C' ? claimed::done : claimed::fresh));
        if (end[0] == 'R') REQUIRE(theirs.release("7"));
    }
}

TEST_CASE("a transaction of the user's own that others may have overtaken is locked before the handler") {
    books all;
    all.in.run("PRAGMA journal_mode = WAL");
    database other{all.file};
    auto theirs = must_open(other);
    all.in.run("BEGIN");
    CHECK(all.in.count() == 0);  // from here on it reads what was true now
    do_it(theirs, "7");
    CHECK(all.ids.claim({"7"}).failed(errc::locked));
    all.in.run("ROLLBACK");
    REQUIRE(ask(theirs, "8") == claimed::fresh);
    all.in.run("BEGIN");
    CHECK(all.ids.claim({"8"}).failed(errc::locked));
    all.in.run("ROLLBACK");
    REQUIRE(theirs.mark("8"));
    all.in.run("BEGIN");
    CHECK(ask(all.ids, "9") == claimed::fresh);
    CHECK(theirs.claim({"9"}).failed(errc::locked));
    REQUIRE(all.ids.mark("9"));
    all.in.run("COMMIT");
    CHECK(ask(theirs, "9") == claimed::done);
}

TEST_CASE("a store that another one takes the place of gives up what it has in hand") {
    books next, all;  // the connection outlives what stands on it
    REQUIRE(ask(all.ids, "7") == claimed::fresh);
    all.in.bill("7");
    all.ids = must_open(next.in);
    CHECK(all.in.count() == 0);
    database other{all.file};
    auto theirs = must_open(other);
    CHECK(ask(theirs, "7") == claimed::fresh);
}

TEST_CASE(
    "RELIABILITY 37: a call that finds no memory leaves no transaction open, and the same call goes on afterwards") {
    const std::string id(100, 'i');
    const auto throws = [](std::size_t which, const auto& call) {
        const conformance::failing_new failing{which};
        try {
            call();
        } catch (const std::bad_alloc&) {}
        return conformance::failing_new::has_failed();
    };
    books all;
    const chosen_id what{id};
    for (std::size_t which = 1;; ++which) {
        INFO("allocation " << which);
        const bool met = throws(which, [&] { (void)all.ids.claim(what); });
        if (!met) break;
        REQUIRE(sqlite3_get_autocommit(all.in) != 0);
    }
    REQUIRE(all.ids.mark(id, std::string(100, 'r')));
    for (std::size_t which = 1;; ++which) {
        INFO("allocation " << which);
        const bool met = throws(which, [&] { (void)all.ids.claim(what); });
        REQUIRE(sqlite3_get_autocommit(all.in) != 0);
        if (!met) break;
    }
    database other{all.file};
    auto theirs = must_open(other);
    CHECK(ask(theirs, id) == claimed::done);
}

TEST_CASE("a transaction that the handler has ended is told, and the id is not marked") {
    books all;
    REQUIRE(ask(all.ids, "7") == claimed::fresh);
    all.in.run("ROLLBACK");
    CHECK(all.ids.mark("7").failed(errc::invalid_argument));
    CHECK(ask(all.ids, "7") == claimed::fresh);
}

TEST_CASE("what cannot be a table, a connection or a window is named, and so is a newer format") {
    books all;
    for (const char* name : {"", "1st", "a b", "ids;DROP TABLE bills", "\xc3\xa4"})
        CHECK(sqlite_store::open(all.in, {}, name).failed(errc::invalid_argument));
    CHECK(sqlite_store::open(nullptr).failed(errc::invalid_argument));
    CHECK(sqlite_store::open(all.in, {.ids_max = 0}).failed(errc::invalid_argument));
    all.in.run("UPDATE godwit_ids_state SET format = 2");
    CHECK(sqlite_store::open(all.in).failed(errc::unsupported));
    CHECK(sqlite_store::open(all.in, {}, "other_ids"));
}

TEST_CASE("a database without room says full, and the id is fresh again with none of its rows") {
    books all;
    all.in.run("PRAGMA max_page_count = 20");
    REQUIRE(ask(all.ids, "7") == claimed::fresh);
    all.in.bill("7");
    CHECK(all.ids.mark("7", std::string(200'000, 'r')).failed(errc::full));
    CHECK(all.in.count() == 0);
    do_it(all.ids, "7");
}
