#include "core/accept_reserve.hpp"

#include <sys/socket.h>

#include "core/socket_pairs.hpp"
#include "test_main.hpp"

using namespace godwit::detail;
using namespace godwit::testing;

TEST_CASE("a reserve gives one descriptor up, and takes it back") {
    const auto before = open_descriptors();
    {
        const auto reserve = *accept_reserve::make();
        CHECK(reserve->complete());
        const auto held = open_descriptors();
        reserve->give_up();
        CHECK_FALSE(reserve->complete());
        CHECK(open_descriptors() == held - 1);
        CHECK(reserve->take_back());
        CHECK(reserve->take_back());
        CHECK(open_descriptors() == held);
    }
    CHECK(open_descriptors() == before);
}

TEST_CASE("a link is ended without a descriptor more, and nothing of it is kept") {
    const auto reserve = *accept_reserve::make();
    reserve->give_up();
    for (int i = 0; i < 3; ++i) {
        socket_pair pair = tcp_pair();
        const auto before = open_descriptors();
        reserve->end_link(pair.near.get());
        CHECK(open_descriptors() == before);
        char byte = 0;
        CHECK(::recv(pair.far.get(), &byte, 1, 0) == 0);
        CHECK(::recv(pair.near.get(), &byte, 1, 0) == 0);
    }
    reserve->end_link(-1);
    CHECK(reserve->take_back());
}
