// What a number's subscriptions weigh, whoever had it before.
#include "core/subscription_table.hpp"
#include "test_main.hpp"

using godwit::detail::subscription_table;

TEST_CASE("a link's load is its different prefixes and their bytes, and goes with them") {
    subscription_table table;
    table.subscribed(5, "abc");
    table.subscribed(5, "de");
    CHECK(table.load_of(5).prefixes == 2);
    CHECK(table.load_of(5).size_bytes == 5);
    CHECK(table.load_of(6).prefixes == 0);
    table.unsubscribed(5, "abc");
    CHECK(table.load_of(5).size_bytes == 2);
    table.closed(5);
    CHECK(table.load_of(5).prefixes == 0);
}

TEST_CASE("repeating one prefix for ever is a load of its own, which who follows does not inherit") {
    subscription_table table;
    for (int i = 0; i < 1000; ++i) table.subscribed(5, "abc", true, "one");
    CHECK(table.load_of(5).prefixes == 1000);
    CHECK(table.load_of(5).size_bytes == 3);
    table.subscribed(5, "de", true, "two");
    CHECK(table.load_of(5).prefixes == 2);
}

TEST_CASE("who follows under a number is told from the one before, although its end comes later") {
    subscription_table table;
    table.subscribed(5, "a", true, "one");
    table.subscribed(5, "b", true, "one");
    table.subscribed(5, "b", true, "two");
    table.subscribed(5, "c", true, "two");
    CHECK(table.who(5) == "two");
    CHECK(table.load_of_number(5).prefixes == 3);
    table.pass_over_ended(5);
    CHECK(table.load_of(5).prefixes == 2);
    table.unsubscribed_by_hang_up("a");
    table.unsubscribed_by_hang_up("b");
    table.closed(5);
    CHECK(table.load_of(5).prefixes == 2);
    CHECK(table.count("a") == 0);
    CHECK(table.count("b") == 1);
    CHECK(table.count("c") == 1);
}

TEST_CASE("what a hang-up may have ended is passed over until a link's end is told") {
    subscription_table table;
    table.subscribed(5, "a");
    table.subscribed(6, "a");
    table.unsubscribed_by_hang_up("a");  // 6's
    table.pass_over_ended(5);
    CHECK(table.load_of(5).prefixes == 0);
    table.closed(6);
    CHECK(table.load_of(5).prefixes == 1);
}
