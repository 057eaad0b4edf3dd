// Ids in a real Redis server: the suite, leases, a server that is lost, that has lost its memory, or that lets nobody in.
#include "godwit/redis_store.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/unique_fd.hpp"
#include "conformance/dedup_store_suite.hpp"
#include "redis/redis_server.hpp"

using namespace godwit;
using dedup_store_suite::ask;
using dedup_store_suite::do_it;
using dedup_store_suite::wall;
using namespace std::chrono_literals;

namespace {

redis_store must_open(const redis_server& at, const redis_store_options& options = {}) {
    auto opened = redis_store::open(at.url(), options);
    if (!opened) FAIL(opened.error().what());
    return std::move(*opened);
}

// Lets one in, and says that to the first that it is told.
class one_answer {
public:
    explicit one_answer(std::string words) : words_{std::move(words)} {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        path_.copy(at.sun_path, sizeof at.sun_path - 1);
        REQUIRE(::bind(door_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
        REQUIRE(::listen(door_.get(), 1) == 0);
        host_ = std::jthread{[this] { answer(); }};
    }
    std::string url() const { return "ipc://" + path_; }

private:
    void answer() const {
        constexpr int longest_ms = 10'000;
        pollfd asked{door_.get(), POLLIN, 0};
        if (::poll(&asked, 1, longest_ms) != 1) return;
        const detail::unique_fd guest{::accept(door_.get(), nullptr, nullptr)};
        asked.fd = guest.get();
        char heard[256];
        if (::poll(&asked, 1, longest_ms) != 1 || ::read(guest.get(), heard, sizeof heard) <= 0) return;
        (void)::send(guest.get(), words_.data(), words_.size(), MSG_NOSIGNAL);
        (void)::poll(&asked, 1, longest_ms);  // until it leaves
    }

    const std::string words_;
    const journal_tests::scratch_folder folder_;
    const std::string path_ = (folder_.path() / "redis").string();
    const detail::unique_fd door_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::jthread host_;
};

}  // namespace

TEST_CASE("a redis_store is a dedup_store") {
    GODWIT_NEEDS_REDIS();
    redis_server server;
    int number = 0;
    const auto open = [&](const id_window& window) {
        return std::make_unique<redis_store>(must_open(server, {.prefix = "{" + std::to_string(number) + "}",
                                                                .age_max = window.age_max,
                                                                .known_from = window.known_from}));
    };
    dedup_store_suite::run(
        {.make = [&](const id_window& window) { return ++number, open(window); }, .reopen = open, .counts = false});
}

TEST_CASE("of consumers with one server and connections of their own, one has an id") {
    GODWIT_NEEDS_REDIS();
    redis_server server;
    std::atomic<int> fresh{0}, failed{0};
    {
        std::vector<std::jthread> all;
        for (int consumer = 0; consumer < 3; ++consumer) {
            all.emplace_back([&] {
                auto ids = redis_store::open(server.url());
                for (int i = 0; i < 50 && ids; ++i) {
                    const auto got = ids->claim({std::to_string(i)});
                    if (!got) ++failed;
                    if (!got || got->what != claimed::fresh) continue;
                    ++fresh;
                    if (!ids->mark(std::to_string(i))) ++failed;
                }
            });
        }
    }
    CHECK(fresh == 50);
    CHECK(failed == 0);
}

TEST_CASE("RELIABILITY 54, 73: who took longer than its lease, and somebody else has it, is fenced") {
    GODWIT_NEEDS_REDIS();
    redis_server server;
    auto slow = must_open(server, {.in_hand_max = 1ms}), other = must_open(server);
    REQUIRE(ask(slow, "7") == claimed::fresh);
    REQUIRE(ask(slow, "8") == claimed::fresh);
    const auto end = wall() + 10s;
    while (ask(other, "7") != claimed::fresh) REQUIRE(wall() < end);
    CHECK(slow.mark("7", "slow").failed(errc::fenced));
    CHECK(slow.mark("7").failed(errc::not_found));
    REQUIRE(other.mark("7", "other"));
    CHECK(slow.claim({"7"}).value().reply == "other");
    while (ask(other, "8") != claimed::fresh) REQUIRE(wall() < end);
    CHECK(slow.release("8").failed(errc::fenced));
    CHECK(ask(other, "8") == claimed::in_hand);
}

TEST_CASE("a lease that has ended, and that nobody has taken, can be marked") {
    GODWIT_NEEDS_REDIS();
    redis_server server;
    auto slow = must_open(server, {.in_hand_max = 1ms}), other = must_open(server);
    REQUIRE(ask(slow, "7") == claimed::fresh);
    const auto end = wall() + 10s;
    while (ask(other, "7") != claimed::fresh) REQUIRE(wall() < end);
    REQUIRE(other.release("7"));
    REQUIRE(slow.mark("7"));
    CHECK(ask(other, "7") == claimed::done);
}

TEST_CASE("while a handler has an id, no other of the same store gets it, also after its lease has ended") {
    GODWIT_NEEDS_REDIS();
    redis_server server;
    auto slow = must_open(server, {.in_hand_max = 1ms}), other = must_open(server);
    REQUIRE(ask(slow, "7", "a") == claimed::fresh);
    const auto end = wall() + 10s;
    while (ask(other, "7") != claimed::fresh) REQUIRE(wall() < end);
    REQUIRE(other.release("7"));
    CHECK(ask(slow, "7", "a") == claimed::in_hand);
    CHECK(ask(slow, "7") == claimed::in_hand);
    CHECK(ask(slow, "7", "b") == claimed::conflict);
    REQUIRE(slow.mark("7"));
    CHECK(ask(slow, "7", "a") == claimed::done);
}

TEST_CASE("a store that ends, or that another one takes the place of, gives back all that it still has") {
    GODWIT_NEEDS_REDIS();
    redis_server server;
    auto other = must_open(server);
    for (const bool ends : {true, false}) {
        auto ids = std::make_unique<redis_store>(must_open(server));
        for (const char* id : {"6", "7", "8"}) REQUIRE(ask(*ids, id) == claimed::fresh);
        REQUIRE(server.tell({"SET", "{godwit}:id:6", "h0000000000000000of another"}));
        if (ends) {
            ids.reset();
        } else {
            *ids = must_open(server);
        }
        CHECK(ask(other, "6") == claimed::in_hand);
        REQUIRE(server.tell({"DEL", "{godwit}:id:6"}));
        for (const char* id : {"7", "8"}) {
            CHECK(ask(other, id) == claimed::fresh);
            REQUIRE(other.release(id));
        }
    }
}

TEST_CASE("a server that is lost is unreachable, and one that comes back without its memory is noticed") {
    GODWIT_NEEDS_REDIS();
    redis_server server;
    auto ids = must_open(server);
    const id_time made = wall();
    do_it(ids, "7");
    REQUIRE(ask(ids, "8") == claimed::fresh);
    server.kill();
    CHECK(ids.mark("8").failed(errc::unreachable));
    CHECK(ids.claim({"7"}).failed(errc::unreachable));
    CHECK(redis_store::open(server.url()).failed(errc::unreachable));
    server.start();
    CHECK(ask(ids, "7", {}, made) == claimed::too_old);
    CHECK(ids.known_since().value() > made);
    CHECK(ask(ids, "7") == claimed::fresh);
}

TEST_CASE("a server without room says full, and the id stays in hand") {
    GODWIT_NEEDS_REDIS();
    redis_server server;
    auto ids = must_open(server);
    REQUIRE(ask(ids, "7") == claimed::fresh);
    REQUIRE(server.tell({"CONFIG", "SET", "maxmemory", "1"}));
    CHECK(ids.claim({"8"}).failed(errc::full));
    CHECK(ids.mark("7").failed(errc::full));
    REQUIRE(server.tell({"CONFIG", "SET", "maxmemory", "0"}));
    CHECK(ask(ids, "7") == claimed::in_hand);
    REQUIRE(ids.mark("7"));
    CHECK(ask(ids, "7") == claimed::done);
}

TEST_CASE("who is not let in is refused, by name") {
    GODWIT_NEEDS_REDIS();
    redis_server server{{"--requirepass", "tern"}};
    CHECK(redis_store::open(server.url()).failed(errc::refused));
    CHECK(redis_store::open(server.url(), {.password = "gull"}).failed(errc::refused));
    auto ids = must_open(server, {.password = "tern"});
    do_it(ids, "7");
}

TEST_CASE("who gives a wrong password to Redis 5 is refused, too") {
    const one_answer server{"-ERR invalid password\r\n"};
    CHECK(redis_store::open(server.url(), {.password = "gull"}).failed(errc::refused));
}

TEST_CASE("a reply beyond its limit is not kept, and a value of somebody else's is told") {
    GODWIT_NEEDS_REDIS();
    redis_server server;
    auto ids = must_open(server, {.reply_bytes_max = 10});
    do_it(ids, "7", "0123456789");
    do_it(ids, "8", "01234567890");
    CHECK(ids.claim({"7"}).value().reply == "0123456789");
    CHECK(ids.claim({"8"}).value().reply == std::nullopt);
    REQUIRE(server.tell({"SET", "{godwit}:id:9", "x"}));
    CHECK(ids.claim({"9"}).failed(errc::corrupt));
}

TEST_CASE("what is no address of Redis, or out of bounds, is named") {
    for (const char* wrong : {"", "redis", "tcp://", "tcp://:6379", "tcp://host", "tcp://host:", "tcp://host:0",
                              "tcp://host:70000", "tcp://host:1x", "ipc://", "inproc://ids"})
        CHECK(redis_store::open(wrong).failed(errc::invalid_endpoint));
    const std::string nobody = "ipc:///nowhere/at/all";
    CHECK(redis_store::open(nobody).failed(errc::unreachable));
    CHECK(redis_store::open(nobody, {.age_max = 0ms}).failed(errc::invalid_argument));
    CHECK(redis_store::open(nobody, {.in_hand_max = 0ms}).failed(errc::invalid_argument));
    CHECK(redis_store::open(nobody, {.call_max = 0ms}).failed(errc::invalid_argument));
    CHECK(redis_store::open(nobody, {.reply_bytes_max = 1u << 30}).failed(errc::invalid_argument));
    CHECK(redis_store::open(nobody, {.user = "tern"}).failed(errc::invalid_argument));
}
