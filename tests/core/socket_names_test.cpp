#include "core/socket_names.hpp"

#include "test_main.hpp"

using godwit::detail::socket_names;

TEST_CASE("a socket without a name of its own gets its pattern's next number, which is given once only") {
    socket_names names;
    CHECK(names.take("", "push") == "push-1");
    CHECK(names.take("", "push") == "push-2");
    CHECK(names.take("", "pull") == "pull-1");
    names.give_back("push-2");
    CHECK(names.take("", "push") == "push-3");
}

TEST_CASE("a name that another open socket has is made unique, and is free again after it") {
    socket_names names;
    CHECK(names.take("orders", "push") == "orders");
    CHECK(names.take("orders", "push") == "orders-2");
    CHECK(names.take("orders", "pull") == "orders-3");
    names.give_back("orders");
    CHECK(names.take("orders", "push") == "orders");
    CHECK(names.take("push-1", "push") == "push-1");
    CHECK(names.take("", "push") == "push-2");
}
