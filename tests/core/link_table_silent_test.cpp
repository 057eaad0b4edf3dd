// link_table: links that ended and may have to be dialled again, and peers that joined and say nothing.
#include "core/link_table.hpp"

#include <memory>
#include <string>

#include "core/socket_pairs.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace godwit::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto url = "tcp://127.0.0.1:5555";

struct world {
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
    link_table links{peers, 1h, false};
    event last;
};

}  // namespace

TEST_CASE("whom we dialled may have to be dialled again, joined or not; who came to us only if it never joined") {
    world here;
    const socket_pair came = tcp_pair(), dialled = tcp_pair();
    here.links.opened(came.near.get(), url);
    here.links.shaken(url);
    here.links.opened(dialled.near.get(), "tcp://other:1", link_origin::dialled);
    here.links.shaken("tcp://other:1");
    REQUIRE(here.peers->count() == 2);
    CHECK(here.links.closed(came.near.get(), url));
    CHECK_FALSE(here.links.closed(dialled.near.get(), "tcp://other:1"));
}

TEST_CASE("who came, joined and says nothing is named, once; not so whom we dialled, or who was heard") {
    world here;
    const socket_pair silent = tcp_pair(), dialled = tcp_pair(), heard = tcp_pair();
    here.links.opened(silent.near.get(), url);
    here.links.shaken(url);
    here.links.opened(dialled.near.get(), "tcp://other:1", link_origin::dialled);
    here.links.shaken("tcp://other:1");
    here.links.opened(heard.near.get(), "tcp://third:1");
    here.links.shaken("tcp://third:1");
    admission who;
    who.serial = here.links.next_serial();
    REQUIRE(here.links.belongs(heard.near.get(), who));
    CHECK(here.events() == "peer_joined peer_joined peer_joined");
    CHECK(here.links.name_silent(1h) < link_table::clock::now() + 1h);
    CHECK(here.events().empty());
    CHECK(here.links.name_silent(0s) == link_table::clock::time_point::max());
    CHECK(here.events() == "mismatch_suspected");
    CHECK(here.last.endpoint == url);
    CHECK(here.links.name_silent(0s) == link_table::clock::time_point::max());
    CHECK(here.events().empty());
}

TEST_CASE("a link that was closed and told by nobody has left, if it was told of since its endpoint was taken away") {
    world here;
    socket_pair before = tcp_pair(), after = tcp_pair(), unread = tcp_pair(), alive = tcp_pair();
    here.links.opened(before.near.get(), url, link_origin::dialled);
    here.links.shaken(url);
    const auto taken_away = link_table::clock::now();
    for (socket_pair* const one : {&after, &alive}) {
        here.links.opened(one->near.get(), url, link_origin::dialled);
        here.links.shaken(url);
    }
    const int closed_number = unread.near.get();
    unread.near.reset();
    here.links.opened(closed_number, url, link_origin::dialled);  // told late: nothing can be duplicated any more
    REQUIRE(here.peers->count() == 3);
    before.near.reset();
    after.near.reset();
    const auto gone = here.links.vanished(taken_away);
    CHECK(gone.size() == 2);
    here.links.end_vanished(gone);
    CHECK(here.peers->count() == 2);
    CHECK(here.events() == "peer_joined peer_joined peer_joined peer_left");
    CHECK(here.last.detail == "closed by us");
    CHECK(here.links.vanished(taken_away).empty());
}
