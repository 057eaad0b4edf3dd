// Rows 87 and 89: whose link a descriptor's is, by the serial of the handshake, however often its number is used again.
#include <poll.h>

#include <string>

#include "core/link_table.hpp"
#include "core/socket_pairs.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace godwit::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto url = "tcp://127.0.0.1:5555";

public_key key(unsigned char number) {
    std::array<std::byte, public_key::size> raw{};
    raw[0] = std::byte{number};
    return public_key{raw};
}

struct world {
    std::shared_ptr<peer_table> peers = std::make_shared<peer_table>(1000);
    link_table links{peers, 1h, false};
};

bool is_ended(const unique_fd& far) {
    pollfd one{far.get(), POLLIN, 0};
    char byte;
    return ::poll(&one, 1, 0) == 1 && ::recv(far.get(), &byte, 1, MSG_DONTWAIT) == 0;
}

}  // namespace

TEST_CASE("a link belongs to the handshake that it was opened for") {
    world here;
    const socket_pair pair = tcp_pair();
    const int fd = pair.near.get();
    const admission before{key(1), 0, here.links.next_serial()};
    REQUIRE_FALSE(here.links.belongs(fd, before));
    here.links.opened(fd, url);
    REQUIRE_FALSE(here.links.belongs(fd, before));  // of a link that had the number earlier
    const admission own{key(1), 0, here.links.next_serial()};
    const admission later{key(1), 0, here.links.next_serial()};
    REQUIRE(here.links.belongs(fd, own));
    REQUIRE(here.links.belongs(fd, own));
    REQUIRE_FALSE(here.links.belongs(fd, later));
    REQUIRE_FALSE(here.links.belongs(fd + 1000, own));
    REQUIRE(here.links.closed(fd, url) == false);
    REQUIRE_FALSE(here.links.belongs(fd, own));
}

TEST_CASE("a link whose number has been used again is not taken for the new one") {
    world here;
    socket_pair first = tcp_pair();
    const int fd = first.near.get();
    here.links.opened(fd, url);
    const admission old{key(1), 0, here.links.next_serial()};
    // Closed by libzmq, and the monitor has not told yet: another socket has its number.
    socket_pair second = tcp_pair();
    REQUIRE(::dup2(second.near.get(), fd) == fd);
    REQUIRE_FALSE(here.links.belongs(fd, old));
    here.links.opened(fd, url);
    REQUIRE_FALSE(here.links.belongs(fd, old));
    const admission fresh{key(2), 0, here.links.next_serial()};
    REQUIRE(here.links.belongs(fd, fresh));
}

TEST_CASE("row 87: ending a key's links ends those and no others") {
    world here;
    socket_pair one = tcp_pair(), other = tcp_pair(), silent = tcp_pair(), dialled = tcp_pair();
    here.links.opened(one.near.get(), url);
    here.links.opened(other.near.get(), url);
    here.links.opened(silent.near.get(), url);
    here.links.opened(dialled.near.get(), "tcp://127.0.0.1:6666", godwit::detail::link_origin::dialled);
    REQUIRE(here.links.belongs(one.near.get(), {key(1), 0, here.links.next_serial()}));
    REQUIRE(here.links.belongs(other.near.get(), {key(2), 0, here.links.next_serial()}));
    REQUIRE_FALSE(here.links.belongs(dialled.near.get(), {key(1), 0, here.links.next_serial()}));
    const public_key gone[] = {key(1)};
    auto ended = here.links.end_links(gone, false);
    REQUIRE(ended.size() == 1);
    REQUIRE(ended[0].endpoint == url);
    REQUIRE(ended[0].words.find(key(1).text()) != std::string::npos);
    REQUIRE(is_ended(one.far));
    REQUIRE_FALSE(is_ended(other.far));
    REQUIRE_FALSE(is_ended(silent.far));
    ended = here.links.end_links(gone, true);
    REQUIRE(ended.size() == 1);  // the silent: the named one has ended
    REQUIRE(ended[0].words.find("cannot be told") != std::string::npos);
    REQUIRE(is_ended(silent.far));
    REQUIRE_FALSE(is_ended(other.far));
    REQUIRE_FALSE(is_ended(dialled.far));
}
