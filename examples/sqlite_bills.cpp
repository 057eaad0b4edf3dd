// Exactly once, in SQLite: a process that bills orders is killed in the middle of it, three times, and each order was sent
// twice by somebody who was not sure. The order's number and its bill are rows of one transaction, so that there is one bill
// for each order, whatever was interrupted: sqlite_store begins it, the handler adds its rows, and the mark commits them.
#include <sqlite3.h>

#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>

#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"
#include "godwit/once.hpp"
#include "godwit/sqlite_store.hpp"
#include "process.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int orders = 200, kills = 3;
constexpr godwit::ack_retry quick{
    .attempts_max = 100, .backoff_min = 1ms, .backoff_max = 20ms, .heartbeat = 50ms, .lease = 500ms};

class books {
public:
    explicit books(const std::filesystem::path& file) {
        if (sqlite3_open(file.c_str(), &open_) != SQLITE_OK) throw std::runtime_error{sqlite3_errmsg(open_)};
        sqlite3_busy_timeout(open_, 10'000);
        run("PRAGMA journal_mode = WAL");
        run("PRAGMA synchronous = NORMAL");  // survives a kill; FULL survives a power cut
        run("CREATE TABLE IF NOT EXISTS bills (order_text TEXT)");
    }
    books(const books&) = delete;
    books& operator=(const books&) = delete;
    ~books() { sqlite3_close(open_); }
    sqlite3* connection() const { return open_; }
    void run(const std::string& text) {
        if (sqlite3_exec(open_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error{sqlite3_errmsg(open_)};
    }
    int number(const std::string& query) {
        sqlite3_stmt* asked = nullptr;
        if (sqlite3_prepare_v2(open_, query.c_str(), -1, &asked, nullptr) != SQLITE_OK ||
            sqlite3_step(asked) != SQLITE_ROW)
            throw std::runtime_error{sqlite3_errmsg(open_)};
        const int found = sqlite3_column_int(asked, 0);
        sqlite3_finalize(asked);
        return found;
    }

private:
    sqlite3* open_ = nullptr;
};

// Until it is killed.
void bill(const std::string& url, const std::filesystem::path& file) {
    books mine{file};
    auto ids = godwit::sqlite_store::open(mine.connection()).value();
    godwit::context context;
    godwit::pull in{context, quick};
    in.connect(url).value();
    const auto handler = [&](const godwit::delivery& order) {
        mine.run("INSERT INTO bills VALUES ('" + std::string{order.text()} + "')");
    };
    in.consume(godwit::once(ids, handler)).value();
}

void run(const std::string& wanted, const std::filesystem::path& directory) {
    const std::filesystem::path file = directory / "books.db";
    books all{file};
    godwit::context context;
    godwit::push out{context, quick};
    const std::string url = out.bind(wanted).value();
    for (int number = 1; number <= 2 * orders; ++number) {
        const std::string id = "order " + std::to_string((number + 1) / 2);
        out.send(godwit::message::make({.headers = {{"message_id", id}}, .body = godwit::as_bytes(id)}).value())
            .value();
    }
    for (int life = 1; life <= kills; ++life) {
        process billing{"billing", url, file};
        while (all.number("SELECT count(*) FROM bills") < life * orders / (kills + 1)) ::usleep(1000);
        billing.end(SIGKILL);
    }
    process billing{"billing", url, file};
    out.flush(godwit::stage::processed, 60s).value();
    std::cout << "billing was killed " << kills << " times\n";
    std::cout << orders << " orders were sent twice: " << all.number("SELECT count(*) FROM bills") << " bills, for "
              << all.number("SELECT count(DISTINCT order_text) FROM bills") << " orders\n";
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc == 4) {
        bill(argv[2], argv[3]);
        return 0;
    }
    const std::string url = between_processes(argc > 1 ? argv[1] : "inproc://");
    const auto directory = std::filesystem::temp_directory_path() / ("sqlite_bills." + std::to_string(::getpid()));
    std::filesystem::create_directory(directory);
    run(url, directory);
    std::filesystem::remove_all(directory);
} catch (const std::exception& problem) {
    std::cerr << "sqlite_bills: " << problem.what() << '\n';
    return 1;
}
