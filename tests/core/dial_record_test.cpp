#include "core/dial_record.hpp"

#include "test_main.hpp"

using godwit::detail::dial_record;

TEST_CASE("a link that ends in the handshake, and is not tried again, has lost what was sent since it was dialled") {
    dial_record dials;
    dials.dialled("e", 5);
    CHECK_FALSE(dials.any_lost(9));
    dials.connected("e");
    CHECK_FALSE(dials.any_lost(9));
    dials.disconnected("e");
    CHECK(dials.any_lost(6));
    CHECK_FALSE(dials.any_lost(5));
    dials.dialled("e", 6);
    CHECK_FALSE(dials.any_lost(9));
    CHECK(dials.any_sent("e", 7));
    CHECK_FALSE(dials.any_sent("e", 6));
}

TEST_CASE("a link that libzmq dials again by itself, or that was healthy, has lost nothing yet") {
    dial_record dials;
    dials.dialled("e", 0);
    dials.connected("e");
    dials.disconnected("e");
    dials.still_trying("e");
    CHECK_FALSE(dials.any_lost(1));
    dials.connected("e");
    dials.shaken("e");
    dials.disconnected("e");
    CHECK_FALSE(dials.any_lost(1));
}

TEST_CASE("a link that was healthy and is refused later has lost what may have been left") {
    dial_record dials;
    dials.dialled("e", 0);
    dials.connected("e");
    dials.shaken("e");
    dials.disconnected("e");
    dials.still_trying("e");
    dials.connected("e");
    dials.disconnected("e");
    CHECK(dials.any_lost(1));
    CHECK_FALSE(dials.any_lost(0));
}

TEST_CASE("each endpoint is for itself, and what was not dialled or is forgotten counts for nothing") {
    dial_record dials;
    dials.connected("bound");
    dials.disconnected("bound");
    CHECK_FALSE(dials.any_lost(1));
    CHECK_FALSE(dials.any_sent("bound", 1));
    dials.dialled("a", 0);
    dials.dialled("b", 0);
    dials.connected("b");
    dials.disconnected("b");
    dials.connected("a");
    dials.shaken("a");
    CHECK(dials.any_lost(1));
    dials.forget("b");
    CHECK_FALSE(dials.any_lost(1));
}
