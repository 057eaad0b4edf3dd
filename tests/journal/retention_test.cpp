// What a journal gives up by itself, and what it does not.
#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace std::chrono_literals;
using journal_tests::scratch_folder;

namespace {

constexpr journal_options small{.bytes_max = 512u << 10, .segment_bytes = 64u << 10};

void append(journal_stream& to, int count) {
    const std::vector<message> some(10, message{std::string(1000, 'x')});
    for (int i = 0; i < count; i += 10) {
        const auto kept = to.append(some, stage::stored);
        if (!kept) FAIL(kept.error().what());
    }
}

}  // namespace

TEST_CASE("a stream that may drop its oldest is never full, and says what it gave up, also to the next opening") {
    scratch_folder folder;
    offset first = 0, end = 0;
    {
        auto store = journal::open(folder.path(), small).value();
        auto log = store.stream("log", {.drop_oldest = true}).value();
        append(log, 3000);
        first = log.first();
        end = log.end();
        CHECK(end == 3001);
        CHECK(log.given_up() == first - 1);
        CHECK(first > 2400);
        CHECK(end - first > 100);
        CHECK(store.bytes_used() <= small.bytes_max + small.segment_bytes);
        CHECK(log.read(1).value()->at == first);
    }
    auto store = journal::open(folder.path(), small).value();
    auto log = store.stream("log").value();
    CHECK(log.first() == first);
    CHECK(log.end() == end);
}

TEST_CASE("what another stream still needs is not given up for one that may drop its oldest") {
    scratch_folder folder;
    auto store = journal::open(folder.path(), small).value();
    auto needed = store.stream("needed").value();
    auto log = store.stream("log", {.drop_oldest = true}).value();
    const message some{std::string(1000, 'x')};
    const auto at = needed.append(message{"precious"}).value();
    result<offset> last = at;
    for (int i = 0; last && i < 1000; ++i) {
        last = needed.append(std::vector<message>(3, some), stage::stored);  // too much of each segment to be carried
        if (last) last = log.append(some, stage::stored);
    }
    REQUIRE_FALSE(last);
    CHECK(last.error().code() == errc::full);
    CHECK(log.given_up() == 0);
    CHECK(needed.read(at).value()->content.text() == "precious");
}

TEST_CASE("a little that another stream still needs is carried, and one that may drop its oldest goes on") {
    scratch_folder folder;
    auto store = journal::open(folder.path(), small).value();
    auto needed = store.stream("needed").value();
    auto log = store.stream("log", {.drop_oldest = true}).value();
    const auto at = needed.append(message{"precious"}).value();
    const std::vector<message> some(10, message{std::string(1000, 'x')});
    const auto until = std::chrono::steady_clock::now() + 30s;
    for (int i = 0; i < 300;) {
        const auto kept = log.append(some, stage::stored);
        if (kept) {
            ++i;
        } else {
            REQUIRE(kept.error().code() == errc::full);  // until it is carried
            REQUIRE(std::chrono::steady_clock::now() < until);
        }
        REQUIRE(store.bytes_used() <= small.bytes_max + small.segment_bytes);
    }
    CHECK(log.given_up() > 2000);
    CHECK(log.end() - log.first() > 100);
    CHECK(needed.read(0).value()->at == at);
    CHECK(needed.read(at).value()->content.text() == "precious");
}

TEST_CASE("what is older than it may be is given up, and its files go") {
    scratch_folder folder;
    auto store = journal::open(folder.path(), small).value();
    auto log = store.stream("log", {.age_max = 100ms}).value();
    append(log, 200);
    const auto before = store.bytes_used();
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (log.first() != log.end() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    REQUIRE(log.first() == log.end());
    CHECK(log.given_up() == 200);
    while (store.bytes_used() * 4 > before && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK(store.bytes_used() * 4 <= before);
    CHECK(log.append(message{"next"}).value() == 201);
}

TEST_CASE("an age below nothing is refused by name") {
    scratch_folder folder;
    auto store = journal::open(folder.path(), small).value();
    const auto refused = store.stream("log", {.age_max = -1ms});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == errc::invalid_argument);
    CHECK(refused.error().value().find("age_max") != std::string_view::npos);
}
