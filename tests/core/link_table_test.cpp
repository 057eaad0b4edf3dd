#include "core/link_table.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <thread>

#include "core/socket_pairs.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace godwit::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto url = "tcp://127.0.0.1:5555";

struct world {
    explicit world(std::chrono::milliseconds handshake_max = 1h, bool tells_closed = false, link_limits limits = {})
        : links{peers, handshake_max, tells_closed, limits} {}

    // Every event since the last call: "joined left mismatch …".
    std::string events() {
        std::string all;
        while (auto one = peers->next_event(0s, {})) {
            last = *one;
            all += (all.empty() ? "" : " ") + std::string{name(one->kind)};
        }
        return all;
    }

    std::shared_ptr<peer_table> peers = std::make_shared<peer_table>(1000);
    link_table links;
    event last;
};

}  // namespace

TEST_CASE("a link joins with its handshake and leaves with its end") {
    const auto open_before = open_descriptors();
    {
        world here;
        const socket_pair pair = tcp_pair();
        here.links.opened(pair.near.get(), url);
        CHECK(here.peers->count() == 0);
        here.links.shaken(url);
        REQUIRE(here.peers->count() == 1);
        CHECK(here.peers->rows()[0].endpoint == url);
        CHECK(here.peers->rows()[0].address.starts_with("127.0.0.1:"));
        CHECK(here.links.closed(pair.near.get(), url));
        CHECK(here.peers->count() == 0);
        CHECK(here.events() == "peer_joined peer_left");
        CHECK(here.last.detail == "connection closed");
        CHECK(open_descriptors() == open_before + 2);
    }
    CHECK(open_descriptors() == open_before);
}

TEST_CASE("a peer on a unix socket is known by its process, one that is gone by nothing") {
    world here;
    const socket_pair pair = unix_pair();
    here.links.opened(pair.near.get(), "ipc://x");
    here.links.shaken("ipc://x");
    CHECK(here.peers->rows()[0].address == "pid " + std::to_string(::getpid()) + " uid " + std::to_string(::getuid()));
    here.links.opened(-1, "ipc://y");  // closed before the runner came to it
    here.links.shaken("ipc://y");
    CHECK(here.peers->rows()[1].address == "unknown");
}

TEST_CASE("the table keeps a duplicate of each link until its end, and no longer") {
    const auto open_before = open_descriptors();
    world here;
    std::optional<socket_pair> pair = unix_pair();
    const int number = pair->near.get();
    here.links.opened(number, url);
    CHECK(open_descriptors() == open_before + 3);
    pair->near.reset();
    char byte = 0;
    CHECK(::read(pair->far.get(), &byte, 1) < 0);  // the duplicate holds the link up
    here.links.closed(number, url);
    CHECK(::read(pair->far.get(), &byte, 1) == 0);
    pair.reset();
    CHECK(open_descriptors() == open_before);
}

TEST_CASE("of two handshakes at once the oldest link of the endpoint is taken, and the number is right") {
    world here;
    const socket_pair first = tcp_pair(), second = tcp_pair(), other = tcp_pair();
    here.links.opened(other.near.get(), "tcp://other:1");
    here.links.opened(first.near.get(), url);
    here.links.opened(second.near.get(), url);
    here.links.shaken(url);
    CHECK(here.peers->count() == 1);
    here.links.shaken(url);
    CHECK(here.peers->count() == 2);
    for (const peer& row : here.peers->rows()) CHECK(row.endpoint == url);
    here.links.shaken(url);  // of a link that is gone already
    CHECK(here.peers->count() == 2);
    CHECK(here.links.closed(first.near.get(), url));
    CHECK(here.peers->count() == 1);
    CHECK(here.links.closed(second.near.get(), url));
    CHECK_FALSE(here.links.closed(other.near.get(), "tcp://other:1"));
    CHECK(here.peers->count() == 0);
}

TEST_CASE("a descriptor that opens again replaces what was listed under its number, its joined peer included") {
    world here;
    const socket_pair pair = tcp_pair();
    const auto open_before = open_descriptors();
    here.links.opened(pair.near.get(), url);
    here.links.opened(pair.near.get(), url);
    CHECK(open_descriptors() == open_before + 1);
    here.links.shaken(url);
    CHECK(here.peers->count() == 1);
    here.links.opened(pair.near.get(), url);
    CHECK(here.peers->count() == 0);
    here.links.shaken(url);
    CHECK(here.peers->count() == 1);
    here.links.closed(pair.near.get(), url);
    CHECK(here.peers->count() == 0);
}

TEST_CASE("a link that outlives the handshake limit has shaken hands, and says when to look") {
    world patient;
    CHECK(patient.links.settle_overdue() == link_table::clock::time_point::max());
    const socket_pair pair = tcp_pair();
    patient.links.opened(pair.near.get(), url);
    const auto next = patient.links.settle_overdue();
    CHECK(next > link_table::clock::now() + 59min);
    CHECK(next < link_table::clock::now() + 61min);
    CHECK(patient.peers->count() == 0);
    patient.links.shaken(url);
    CHECK(patient.links.settle_overdue() == link_table::clock::time_point::max());

    world hasty{-1h};  // overdue as soon as it is there
    hasty.links.opened(pair.near.get(), url);
    CHECK(hasty.links.settle_overdue() == link_table::clock::time_point::max());
    CHECK(hasty.peers->count() == 1);
    hasty.links.settle_overdue();
    CHECK(hasty.peers->count() == 1);
}

TEST_CASE("links that close without a handshake are suspected at 2, 4 and 8 in a row, and a handshake ends the row") {
    world here;
    const socket_pair pair = tcp_pair();
    const auto silent_close = [&](const char* at) {
        here.links.opened(pair.near.get(), at);
        CHECK_FALSE(here.links.closed(pair.near.get(), at));
        return here.events();
    };
    for (int closes = 1; closes <= 16; ++closes) {
        CAPTURE(closes);
        const bool told = closes == 2 || closes == 4 || closes == 8 || closes == 16;
        CHECK(silent_close(url) == (told ? "mismatch_suspected" : ""));
        if (told) {
            CHECK(here.last.endpoint == url);
            CHECK(here.last.detail.starts_with(std::to_string(closes) + " connections"));
        }
        if (closes == 1) CHECK(silent_close("tcp://other:1").empty());
    }
    CHECK(silent_close("tcp://other:1") == "mismatch_suspected");
    here.links.opened(pair.near.get(), url);
    here.links.shaken(url);
    here.links.closed(pair.near.get(), url);
    CHECK(here.events() == "peer_joined peer_left");
    CHECK(silent_close(url).empty());
    CHECK(silent_close(url) == "mismatch_suspected");
}

TEST_CASE("a close with a reason is no suspicious one") {
    world here;
    const socket_pair pair = tcp_pair();
    for (int i = 0; i < 5; ++i) {
        here.links.opened(pair.near.get(), url);
        here.links.refused(url, "because");
        CHECK_FALSE(here.links.closed(pair.near.get(), url));
        CHECK(here.events() == "handshake_refused");
        CHECK(here.last.detail == "because");
    }
}

TEST_CASE("the end of a link that was never listed is no failed dial") {
    world here{1h, true};
    CHECK(here.links.closed(4711, url));
    CHECK(here.links.take_closed().empty());
    CHECK(here.events().empty());
}

TEST_CASE("closed descriptors are told once, in their order, to who wants them") {
    for (const bool tells : {true, false}) {
        world here{1h, tells};
        const socket_pair pairs[] = {tcp_pair(), tcp_pair(), tcp_pair()};
        for (const socket_pair& pair : pairs) here.links.opened(pair.near.get(), url);
        here.links.closed(pairs[1].near.get(), url);
        here.links.closed(pairs[0].near.get(), url);
        here.links.part("");
        const std::vector<int> all{pairs[1].near.get(), pairs[0].near.get(), pairs[2].near.get()};
        CHECK(here.links.take_closed() == (tells ? all : std::vector<int>{}));
        CHECK(here.links.take_closed().empty());
    }
}

TEST_CASE("parting forgets an endpoint's links, lets their peers leave, and hands the duplicates over") {
    const auto open_before = open_descriptors();
    {
        world here;
        const socket_pair joined = tcp_pair(), silent = tcp_pair(), other = tcp_pair();
        here.links.opened(joined.near.get(), url);
        here.links.shaken(url);
        here.links.opened(silent.near.get(), url);
        here.links.opened(other.near.get(), "tcp://other:1");
        here.links.shaken("tcp://other:1");
        const auto parted = here.links.part(url);
        REQUIRE(parted.size() == 2);
        CHECK(parted[0].original == joined.near.get());
        CHECK(parted[1].original == silent.near.get());
        CHECK(here.peers->count() == 1);
        CHECK(here.events() == "peer_joined peer_joined peer_left");
        CHECK(here.last.detail == "closed by us");
        CHECK(here.links.closed(joined.near.get(), url));
        CHECK(here.events().empty());
        CHECK(here.links.part(url).empty());
        CHECK(here.links.part("").size() == 1);
        CHECK(here.peers->count() == 0);
    }
    CHECK(open_descriptors() == open_before);
}

TEST_CASE("a parting link knows when libzmq has closed its descriptor, even if the number is used again") {
    socket_pair pair = tcp_pair();
    const int number = pair.near.get();
    const parting_link link{number, unique_fd{::fcntl(number, F_DUPFD_CLOEXEC, 3)}};
    CHECK_FALSE(link.closed_by_libzmq());
    pair.near.reset();
    CHECK(link.closed_by_libzmq());
    const socket_pair next = unix_pair();
    if (next.near.get() == number || next.far.get() == number) CHECK(link.closed_by_libzmq());
    CHECK(parting_link{}.closed_by_libzmq());
    CHECK(parting_link{}.drained());
}

TEST_CASE("a parting link is drained when the peer has taken all, or is gone") {
    for (const bool peer_reads : {true, false}) {
        CAPTURE(peer_reads);
        socket_pair pair = unix_pair();
        const parting_link link{pair.near.get(), unique_fd{::fcntl(pair.near.get(), F_DUPFD_CLOEXEC, 3)}};
        CHECK(link.drained());
        const std::string much(4096, 'x');
        REQUIRE(::write(pair.near.get(), much.data(), much.size()) > 0);
        CHECK_FALSE(link.drained());
        if (peer_reads) {
            std::string taken(much.size(), ' ');
            CHECK(::read(pair.far.get(), taken.data(), taken.size()) == static_cast<ssize_t>(much.size()));
        } else {
            pair.far.reset();
        }
        CHECK(link.drained());
    }
}

namespace {

bool is_ended(const socket_pair& pair) {
    char byte = 0;
    return ::recv(pair.far.get(), &byte, 1, MSG_DONTWAIT) == 0;
}

// As much as the shortest handshake.
void send_handshake(const socket_pair& pair) {
    const std::string enough(91, 'x');
    REQUIRE(::write(pair.far.get(), enough.data(), enough.size()) == 91);
}

}  // namespace

TEST_CASE("beyond the limit the oldest that has not shaken hands makes room, but whom we dialled is kept") {
    world here{1h, false, {.handshakes = 2}};
    const socket_pair dialled = tcp_pair(), joined = tcp_pair(), first = tcp_pair(), second = tcp_pair(),
                      third = tcp_pair();
    here.links.opened(dialled.near.get(), url, link_origin::dialled);
    here.links.opened(joined.near.get(), url);
    send_handshake(joined);
    here.links.shaken(url);
    here.links.opened(first.near.get(), url);
    CHECK(here.events() == "peer_joined");
    here.links.opened(second.near.get(), url);
    CHECK(here.events() == "over_limit");
    CHECK(here.last.detail.find("handshakes_max = 2") != std::string::npos);
    CHECK(is_ended(first));
    here.links.opened(third.near.get(), url);
    CHECK(is_ended(second));
    CHECK_FALSE(is_ended(third));
    CHECK_FALSE(is_ended(joined));
    CHECK_FALSE(is_ended(dialled));
    CHECK(here.peers->count() == 1);
    CHECK(here.links.closed(first.near.get(), url));  // by us: no failed dial, no suspicion
    CHECK(here.events() == "over_limit");             // the second one's
}

TEST_CASE("over tcp a handshake is the oldest's that has sent enough for one") {
    world here;
    const socket_pair idle = tcp_pair(), speaks = tcp_pair();
    here.links.opened(idle.near.get(), url);
    here.links.opened(speaks.near.get(), url);
    send_handshake(speaks);
    here.links.shaken(url);
    CHECK_FALSE(here.links.closed(idle.near.get(), url));
    CHECK(here.peers->count() == 1);
    CHECK(here.links.closed(speaks.near.get(), url));
    CHECK(here.peers->count() == 0);
}

TEST_CASE("beyond peers_max those who come are refused, and served again when others have left") {
    world here{1h, false, {.peers = 1}};
    const socket_pair first = tcp_pair(), second = tcp_pair(), third = tcp_pair();
    here.links.opened(first.near.get(), url);
    here.links.shaken(url);
    here.links.opened(second.near.get(), url);
    here.links.shaken(url);
    CHECK(here.events() == "peer_joined over_limit");
    CHECK(is_ended(second));
    CHECK_FALSE(is_ended(first));
    here.links.closed(second.near.get(), url);
    here.links.closed(first.near.get(), url);
    here.links.opened(third.near.get(), url);
    here.links.shaken(url);
    CHECK(here.peers->count() == 1);
    CHECK_FALSE(is_ended(third));
}

TEST_CASE("a link is ended once, with the limit in words, and its peer has left") {
    world here;
    const socket_pair pair = tcp_pair();
    here.links.opened(pair.near.get(), url);
    here.links.shaken(url);
    CHECK(here.links.end(pair.near.get(), "too much"));
    CHECK(is_ended(pair));
    CHECK_FALSE(here.links.end(pair.near.get(), "too much"));
    CHECK_FALSE(here.links.end(4711, "too much"));
    CHECK(here.events() == "peer_joined over_limit peer_left");
    CHECK(here.last.detail == "ended by us");
    CHECK(here.links.closed(pair.near.get(), url));
    CHECK(here.events().empty());
}

TEST_CASE("joined links are seen a few at a time, each once") {
    world here;
    std::vector<socket_pair> pairs;
    for (int i = 0; i < 5; ++i) {
        pairs.push_back(unix_pair());
        here.links.opened(pairs.back().near.get(), url);
        if (i != 3) here.links.shaken(url);
    }
    std::vector<int> seen;
    std::uint64_t from = 0;
    do {
        from = here.links.each_joined(from, 3, [&](std::uint64_t, int descriptor, int) { seen.push_back(descriptor); });
    } while (from != 0);
    CHECK(seen == std::vector<int>{pairs[0].near.get(), pairs[1].near.get(), pairs[2].near.get(), pairs[3].near.get()});
}

TEST_CASE("a thousand floods of a limit are a few events, all counted") {
    world here{1h, false, {.handshakes = 1}};
    std::vector<socket_pair> pairs;
    for (int i = 0; i < 101; ++i) {
        pairs.push_back(unix_pair());
        here.links.opened(pairs.back().near.get(), url);
    }
    std::size_t told = 0;
    while (here.peers->next_event(0s, {})) ++told;
    CHECK(told == 7);  // at 1, 2, 4 … 64
    socket_stats stats;
    here.peers->count_into(stats);
    CHECK(stats.over_limit == 100);
}
