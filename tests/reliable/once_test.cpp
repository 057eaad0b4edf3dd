// Handlers that run once for each id that the user has chosen: real sockets over each link.
#include "godwit/once.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <thread>

#include "conformance/worker.hpp"
#include "godwit/id_store.hpp"
#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;
using godwit::claimed;
using godwit::errc;
using godwit::id_store;

namespace {

godwit::message order(std::string_view id, std::string_view text) {
    return must(godwit::message::make({.headers = {{"message_id", id}}, .body = godwit::as_bytes(text)}));
}

// What handle_once found of the next one; the handler counts.
struct billing : line {
    using line::line;
    std::string next(godwit::dedup_store& ids, const godwit::once_options& how = {}) {
        auto got = must(in.recv(soon));
        const auto found = handle_once(
            ids, got, [&](godwit::delivery&) { ++bills; }, how);
        return std::string{found ? godwit::name(*found) : godwit::name(found.error().code())};
    }
    int bills = 0;
};

// Where a rep was bound before that has just been closed: its listener goes a moment later.
std::string bind_again(godwit::rep& serves, const std::string& at) {
    auto bound = serves.bind(at);
    eventually([&] { return bound || !(bound = serves.bind(at)).failed(errc::address_in_use); });
    return must(bound);
}

struct server {
    explicit server(const transport& over, const std::string& at = {})
        : serves{ctx, quick(), brisk()}, url{bind_again(serves, at.empty() ? over.url() : at)} {}
    // One request.
    std::string serve(godwit::dedup_store& ids) {
        auto asked = must(serves.recv(soon));
        const auto found = godwit::reply_once(ids, asked, [&](const godwit::request& of) {
            ++executed;
            return "bill " + std::to_string(executed) + " of " + std::string{of.text()};
        });
        return std::string{found ? godwit::name(*found) : godwit::name(found.error().code())};
    }
    godwit::context ctx;
    godwit::rep serves;
    std::string url;
    int executed = 0;
};

std::string answer(godwit::pending& asked) {
    auto reply = asked.wait(soon);
    return reply ? std::string{reply->text()} : outcome(reply) + ": " + std::string{reply.error().value()};
}

}  // namespace

OVER_EACH_LINK("what is sent anew under one id is handled once, and acked") {
    id_store ids;
    billing both{over};
    must(both.out.send(order("7", "ten terns")));
    must(both.out.send(order("7", "ten terns")));
    must(both.out.send(order("8", "ten terns")));
    CHECK(both.next(ids) == "fresh");
    CHECK(both.next(ids) == "done");
    CHECK(both.next(ids) == "fresh");
    CHECK(both.bills == 2);
    must(both.out.flush(stage::processed, soon));
}

OVER_EACH_LINK(
    "RELIABILITY 55, 74: one id with another content, and one that may be forgotten, are dead letters by name") {
    id_store ids;
    billing both{over};
    must(both.out.send(order("7", "ten terns")));
    CHECK(both.next(ids) == "fresh");
    must(both.out.send(order("7", "eleven terns")));
    CHECK(both.next(ids) == "conflict");
    must(both.out.send(order("6", "ten terns")));
    const auto old = [](const godwit::delivery& of) {
        auto id = godwit::id_of(of);
        id.made = godwit::id_time{};
        return id;
    };
    CHECK(both.next(ids, {.id = old}) == "too_old");
    CHECK(both.bills == 1);
    REQUIRE(eventually([&] { return both.out.dead_letters().size() == 2; }));
    CHECK(both.out.dead_letters()[0].detail == "conflict: this id had another content before: 7");
    CHECK(both.out.dead_letters()[1].detail == "too_old: its id may be forgotten: 6");
}

OVER_EACH_LINK("RELIABILITY 7: a handler that throws, or nacks, leaves its id unmarked, and the message comes again") {
    id_store ids;
    line both{over};
    must(both.out.send(order("7", "ten terns")));
    int tries = 0;
    const auto handler = godwit::once(ids, [&](godwit::delivery& one) {
        if (++tries == 1) throw std::runtime_error{"no paper"};
        if (tries == 2) one.nack();
    });
    for (int i = 0; i < 3; ++i) {
        auto got = must(both.in.recv(soon));
        try {
            handler(got);
        } catch (const std::runtime_error&) {
            CHECK(i == 0);
        }
    }
    CHECK(tries == 3);
    CHECK(ids.stats().ids == 1);
    must(both.out.flush(stage::processed, soon));
}

OVER_EACH_LINK("RELIABILITY 75: what is in hand elsewhere comes again, and is done then") {
    id_store ids;
    billing both{over};
    REQUIRE(must(ids.claim({"7"})).what == claimed::fresh);
    must(both.out.send(order("7", "ten terns")));
    CHECK(both.next(ids, {.again_after = 1ms}) == "in_hand");
    must(ids.mark("7"));
    CHECK(both.next(ids) == "done");
    CHECK(both.bills == 0);
    must(both.out.flush(stage::processed, soon));
}

OVER_EACH_LINK("without a message_id a message is known by its stream and offset") {
    id_store ids;
    billing both{over};
    must(both.out.send("ten terns"));
    must(both.out.send("ten terns"));
    CHECK(both.next(ids) == "fresh");
    CHECK(both.next(ids) == "fresh");
    CHECK(ids.stats().ids == 2);
}

GODWIT_EACH_TRANSPORT("of a plain socket a message without a message_id is refused, and one with it is known") {
    id_store ids;
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    must(out.connect(must(in.bind(over.url()))));
    must(out.send("ten terns"));
    must(out.send(order("7", "ten terns")));
    must(out.send(order("7", "ten terns")));
    std::string found;
    for (int i = 0; i < 3; ++i) {
        auto got = must(in.recv(soon));
        const auto what = handle_once(ids, got, [](godwit::delivery&) {});
        found += std::string{what ? godwit::name(*what) : godwit::name(what.error().code())} + " ";
    }
    CHECK(found == "invalid_argument fresh done ");
}

OVER_EACH_LINK("a subscriber that reads from the first again, with the ids it kept, handles each record once") {
    const journal_tests::scratch_folder folder;
    auto store = must(godwit::journal::open(folder.path() / "journal"));
    godwit::context ctx;
    godwit::pub out{ctx, quick(), must(store.stream("ticks")), brisk()};
    const std::string url = must(out.bind(over.url()));
    for (const auto& one : numbers(20)) must(out.send("eur", one));
    int handled = 0;
    for (int life = 1; life <= 2; ++life) {
        auto ids = must(id_store::open(folder.path() / "ids"));
        godwit::sub in{ctx, quick(), godwit::subscription{.from = godwit::start::first}, brisk()};
        must(in.subscribe("eur"));
        must(in.connect(url));
        for (int i = 0; i < 20; ++i) {
            auto tick = must(in.recv(soon));
            must(handle_once(ids, tick, [&](godwit::delivery&) { ++handled; }));
        }
        must(in.close(soon));
    }
    CHECK(handled == 20);
}

OVER_EACH_LINK("a retried request is executed once, and the second gets the stored reply") {
    id_store ids;
    server rep{over};
    godwit::req asks{rep.ctx, quick(), brisk()};
    must(asks.connect(rep.url));
    auto first = must(asks.send(order("7", "ten terns")));
    CHECK(rep.serve(ids) == "fresh");
    CHECK(answer(first) == "bill 1 of ten terns");
    auto retried = must(asks.send(order("7", "ten terns")));
    CHECK(rep.serve(ids) == "done");
    CHECK(answer(retried) == "bill 1 of ten terns");
    auto other = must(asks.send(order("7", "eleven terns")));
    CHECK(rep.serve(ids) == "conflict");
    CHECK(answer(other).starts_with("refused: conflict"));
    CHECK(rep.executed == 1);
}

OVER_EACH_LINK("a reply that is not kept any more is refused by name, and nothing is executed") {
    id_store ids{{.replies_bytes_max = 0}};
    server rep{over};
    godwit::req asks{rep.ctx, quick(), brisk()};
    must(asks.connect(rep.url));
    auto first = must(asks.send(order("7", "ten terns")));
    CHECK(rep.serve(ids) == "fresh");
    CHECK(answer(first) == "bill 1 of ten terns");
    auto retried = must(asks.send(order("7", "ten terns")));
    CHECK(rep.serve(ids) == "done");
    CHECK(answer(retried) == "refused: " + std::string{godwit::reply_gone});
    CHECK(rep.executed == 1);
}

OVER_EACH_WIRE("RELIABILITY 2: a server that is lost before its reply has left gives it in its next life, unexecuted") {
    const journal_tests::scratch_folder folder;
    godwit::context ctx;
    godwit::req asks{ctx, quick(), brisk()};
    std::string url;
    std::optional<godwit::pending> asked;
    {
        auto ids = must(id_store::open(folder.path() / "ids"));
        server rep{over};
        url = rep.url;
        must(asks.connect(url));
        asked.emplace(must(asks.send("ten terns", {.idempotent = true})));
        auto got = must(rep.serves.recv(soon));
        const auto id = godwit::id_of(got);
        REQUIRE(must(ids.claim(id)).what == claimed::fresh);
        must(ids.mark(id.id, "bill 1"));  // and it is lost
        (void)rep.serves.close(0s);
    }
    auto ids = must(id_store::open(folder.path() / "ids"));
    server rep{over, url};
    CHECK(rep.serve(ids) == "done");
    CHECK(answer(*asked) == "bill 1");
    CHECK(rep.executed == 0);
}

OVER_EACH_WIRE(
    "RELIABILITY 2, 7: across restarts of their server, requests that may be repeated are each executed once") {
    const journal_tests::scratch_folder folder;
    godwit::context ctx;
    godwit::req asks{ctx, quick(), brisk()};
    std::string url;
    std::vector<godwit::pending> asked;
    std::map<std::string, int> executed;
    int lost = 0;
    const auto all_answered = [&] { return std::ranges::all_of(asked, [](const auto& one) { return one.ready(); }); };
    for (int life = 1; life <= 4; ++life) {
        auto ids = must(id_store::open(folder.path() / "ids"));
        godwit::rep serves{ctx, quick(), brisk()};
        url = bind_again(serves, url.empty() ? over.url() : url);
        if (life == 1) {
            must(asks.connect(url));
            for (const auto& one : numbers(60)) asked.push_back(must(asks.send(one, {.idempotent = true})));
        }
        const auto end = std::chrono::steady_clock::now() + soon;
        for (int served = 0; life == 4 ? !all_answered() : served < 15; ++served) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            auto got = serves.recv(10ms);
            if (!got) continue;
            const auto what = std::string{got->text()};
            // Some replies do not get out any more.
            if (life < 4 && served > 10) {
                const auto id = godwit::id_of(*got);
                if (must(ids.claim(id)).what != claimed::fresh) continue;
                ++executed[what], ++lost;
                must(ids.mark(id.id, "re " + what));
                continue;
            }
            const auto found =
                godwit::reply_once(ids, *got, [&](const auto&) { return ++executed[what], "re " + what; });
            if (!found) CHECK(found.failed(errc::unreachable));
        }
        (void)serves.close(0s);
    }
    for (std::size_t i = 0; i < asked.size(); ++i) REQUIRE(answer(asked[i]) == "re " + std::to_string(i));
    CHECK(executed.size() == 60);
    CHECK(lost > 0);
    for (const auto& [what, times] : executed) REQUIRE(times == 1);
}
