// What of the C interface can be seen from C++ alone: its defaults are the library's, its numbers are of use once, and what a
// callback throws ends there.
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "c/handle_table.hpp"
#include "c/receipts.hpp"
#include "godwit/ack_retry.hpp"
#include "godwit/godwit.h"
#include "godwit/godwit.hpp"
#include "godwit/journal.hpp"
#include "godwit/subscription.hpp"
#include "test_main.hpp"

namespace c = godwit::c;

namespace {

constexpr std::int64_t soon = 30'000'000'000;

struct pair {
    explicit pair(bool reliably) {
        const godwit_ack_retry how = GODWIT_ACK_RETRY_INIT;
        godwit_socket_options options = GODWIT_SOCKET_OPTIONS_INIT;
        if (reliably) options.ack_retry = &how;
        REQUIRE(godwit_context_open(nullptr, &context, nullptr) == GODWIT_OK);
        REQUIRE(godwit_socket_open(context, GODWIT_PUSH, &options, &out, nullptr) == GODWIT_OK);
        REQUIRE(godwit_socket_open(context, GODWIT_PULL, &options, &in, nullptr) == GODWIT_OK);
        REQUIRE(godwit_bind(in, godwit_text("inproc://c"), nullptr, nullptr) == GODWIT_OK);
        REQUIRE(godwit_connect(out, godwit_text("inproc://c"), nullptr) == GODWIT_OK);
    }
    ~pair() {
        godwit_socket_close(out, 0, nullptr);
        godwit_socket_close(in, 0, nullptr);
        godwit_context_close(context, soon, nullptr);
    }
    godwit_context context{};
    godwit_socket out{}, in{};
};

}  // namespace

TEST_CASE("the defaults of a socket in C are those of C++") {
    const godwit::socket_options usual;
    godwit_socket_options given;
    godwit_socket_options_init(&given);
    CHECK(given.queue_messages_max == usual.queue_messages_max);
    CHECK(given.message_bytes_max == usual.message_bytes_max);
    CHECK(given.requests_max == usual.requests_max);
    CHECK((given.wait_for_peer != 0) == usual.wait_for_peer);
    CHECK((given.insecure != 0) == usual.insecure);
    CHECK((given.any_user != 0) == usual.any_user);
    CHECK((given.keepalive != 0) == usual.keepalive);
    CHECK(given.events_max == usual.events_max);
    CHECK(given.handshakes_max == usual.handshakes_max);
    CHECK(given.peers_max == usual.peers_max);
    CHECK(given.unread_bytes_max == usual.unread_bytes_max);
    CHECK(given.subscriptions_max == usual.subscriptions_max);
    CHECK(given.subscription_bytes_max == usual.subscription_bytes_max);
    CHECK(given.linger_ms == usual.linger.count());
    CHECK(given.redial_min_ms == usual.redial_min.count());
    CHECK(given.redial_max_ms == usual.redial_max.count());
    CHECK(given.handshake_max_ms == usual.handshake_max.count());
    const std::chrono::nanoseconds send_timeout{given.send_timeout_ns};
    CHECK(godwit::timeout{send_timeout}.deadline() - usual.send_timeout.deadline() < std::chrono::seconds{1});
    CHECK(usual.send_timeout.deadline() - godwit::timeout{send_timeout}.deadline() < std::chrono::seconds{1});
    CHECK(given.name.size + given.key_file.size + given.allow_file.size + given.server_key.size == 0);
    CHECK(given.allow_anyone == 0);
    CHECK(given.ack_retry == nullptr);
    CHECK(given.subscription == nullptr);
    CHECK(given.journal.id == 0);
}

TEST_CASE("the defaults of ack_retry and of a subscription in C are those of C++") {
    const godwit::ack_retry usual;
    godwit_ack_retry given;
    godwit_ack_retry_init(&given);
    CHECK(given.attempts_max == usual.attempts_max);
    CHECK(given.log_bytes_max == usual.log_bytes_max);
    CHECK(given.dead_letters_max == usual.dead_letters_max);
    CHECK((given.ordered_by_key != 0) == usual.ordered_by_key);
    CHECK(given.credit_bytes == usual.credit_bytes);
    CHECK(given.credit_messages == usual.credit_messages);
    CHECK(given.messages_per_second == usual.messages_per_second);
    CHECK(given.burst_messages == usual.burst_messages);
    CHECK(given.pause_after_failures == usual.pause_after_failures);
    CHECK(given.backoff_min_ms == usual.backoff_min.count());
    CHECK(given.backoff_max_ms == usual.backoff_max.count());
    CHECK(given.evict_after_ms == usual.evict_after.count());
    CHECK(given.handler_max_ms == usual.handler_max.count());
    CHECK(given.heartbeat_ms == usual.heartbeat.count());
    CHECK(given.lease_ms == usual.lease.count());
    CHECK(given.identity.size == usual.identity.size());
    godwit_subscription from;
    godwit_subscription_init(&from);
    CHECK(from.from == static_cast<int>(godwit::subscription{}.from));
    CHECK(from.name.size == 0);
}

TEST_CASE("the defaults of journals, contexts and consumers in C are those of C++") {
    const godwit::journal_options journal;
    godwit_journal_options kept;
    godwit_journal_options_init(&kept);
    CHECK(kept.bytes_max == journal.bytes_max);
    CHECK(kept.segment_bytes == journal.segment_bytes);
    CHECK(kept.confirm == static_cast<int>(journal.confirm));
    godwit_context_options home;
    godwit_context_options_init(&home);
    CHECK(home.io_threads == godwit::context_options{}.io_threads);
    CHECK(home.sockets_max == godwit::context_options{}.sockets_max);
    CHECK(home.log_from == static_cast<int>(godwit::context_options{}.log_from));
    godwit_consume_options handling;
    godwit_consume_options_init(&handling);
    CHECK(handling.concurrency == godwit::consume_options{}.concurrency);
    godwit_send_options send;
    godwit_send_options_init(&send);
    CHECK(send.priority == godwit::send_options{}.priority);
}

TEST_CASE("a receipt in C is the two integers of the one in C++") {
    const godwit_receipt seen = c::as_value(godwit::receipt{71, 5});
    CHECK(seen.socket == 71);
    CHECK(seen.at == 5);
}

TEST_CASE("a number of a handle table is of use once, whatever comes into its slot") {
    c::handle_table<std::string> table{3, "text"};
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto id = table.add("text " + std::to_string(i));
        CHECK(seen.insert(id).second);
        CHECK(*table.at(id) == "text " + std::to_string(i));
        table.release(id);
        CHECK_THROWS_AS(table.at(id), godwit::error);
        CHECK(!table.find_live(id));
    }
    CHECK(table.open() == 0);
}

TEST_CASE("what is pinned stays until the last pin goes, and is found no more") {
    c::handle_table<std::shared_ptr<int>> table{3, "number"};
    const auto number = std::make_shared<int>(7);
    const auto id = table.add(number);
    {
        const auto first = table.at(id);
        const auto last = table.retired(id);
        REQUIRE(last);
        CHECK(!table.find_live(id));
        CHECK(!table.retired(id));
        CHECK(**first == 7);
        CHECK(table.open() == 1);
    }
    CHECK(table.open() == 0);
    CHECK(number.use_count() == 1);
}

TEST_CASE("a handle table gives as many numbers as there are slots, and says when there are no more") {
    c::handle_table<char> table{3, "letter"};
    std::vector<std::uint64_t> all;
    const auto fill = [&] {
        while (true) all.push_back(table.add('g'));
    };
    CHECK_THROWS_AS(fill(), godwit::error);
    CHECK(all.size() == 1u << 20);
    table.release(all.back());
    CHECK(table.add('g') != all.back());
    for (const auto id : all) table.release(id);
    CHECK(table.open() == 1);
}

TEST_CASE("what a handler throws ends there, and its message comes again") {
    pair ends{true};
    REQUIRE(godwit_send(ends.out, godwit_text("x"), nullptr, nullptr) == GODWIT_OK);
    struct state {
        int calls = 0;
        godwit_stop stop{};
    } seen;
    godwit_consume_options options = GODWIT_CONSUME_OPTIONS_INIT;
    REQUIRE(godwit_stop_open(&options.stop, nullptr) == GODWIT_OK);
    seen.stop = options.stop;
    const godwit_handler handler = [](void* data, godwit_delivery) -> std::int32_t {
        auto& mine = *static_cast<state*>(data);
        if (++mine.calls < 3) throw std::runtime_error{"not yet"};
        godwit_stop_request(mine.stop, nullptr);
        return 0;
    };
    CHECK(godwit_consume(ends.in, handler, &seen, nullptr, &options, nullptr) == GODWIT_OK);
    CHECK(seen.calls == 3);
    CHECK(godwit_stop_close(options.stop, nullptr) == GODWIT_OK);
}

TEST_CASE("what a drop or a log throws ends there") {
    const godwit_drop drop = [](void*) { throw 7; };
    godwit_message taken{};
    REQUIRE(godwit_message_take(godwit_text("x"), drop, nullptr, &taken, nullptr) == GODWIT_OK);
    CHECK(godwit_message_release(taken, nullptr) == GODWIT_OK);
    godwit_context_options options = GODWIT_CONTEXT_OPTIONS_INIT;
    options.log_from = GODWIT_LOG_DEBUG;
    options.log = [](void*, const godwit_log_record*) { throw std::runtime_error{"log"}; };
    options.log_drop = drop;
    godwit_context context{};
    godwit_socket socket{};
    REQUIRE(godwit_context_open(&options, &context, nullptr) == GODWIT_OK);
    REQUIRE(godwit_socket_open(context, GODWIT_PULL, nullptr, &socket, nullptr) == GODWIT_OK);
    CHECK(godwit_bind(socket, godwit_text("inproc://thrown"), nullptr, nullptr) == GODWIT_OK);
    CHECK(godwit_socket_close(socket, soon, nullptr) == GODWIT_OK);
    CHECK(godwit_context_close(context, soon, nullptr) == GODWIT_OK);
}

TEST_CASE("the last error is each thread's own") {
    CHECK(godwit_message_release({}, nullptr) == GODWIT_INVALID_ARGUMENT);
    godwit_status other = GODWIT_IO;
    std::thread{[&] { other = godwit_last_error(nullptr); }}.join();
    CHECK(other == GODWIT_OK);
    CHECK(godwit_last_error(nullptr) == GODWIT_INVALID_ARGUMENT);
}
