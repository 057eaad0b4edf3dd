// How far one subscriber is, within its credit.
#include "ack_retry/pub_cursor.hpp"

#include "test_main.hpp"

using godwit::offset_range;
using godwit::detail::pub_cursor;

TEST_CASE("a cursor has credit until its window is used up, and again when enough is acked") {
    pub_cursor one{10};
    CHECK_FALSE(one.has_credit());
    one.window(5, 1000);
    CHECK(one.has_credit());
    one.went({10, 13}, 4, 100, 13);
    CHECK(one.next() == 14);
    CHECK(one.has_credit());
    one.went({15, 20}, 3, 100, 22);  // sparse, and more than the rest of the window
    CHECK(one.next() == 23);
    CHECK(one.sent_below() == 21);
    CHECK_FALSE(one.has_credit());
    CHECK(one.acked({15, 20}) == 3);
    CHECK(one.has_credit());
    CHECK(one.messages_in_flight() == 4);
    CHECK(one.acked({15, 20}) == 0);
    CHECK(one.acked({10, 12}) == 0);  // a part of what went together
    CHECK(one.acked({0, 1000}) == 4);
    CHECK(one.messages_in_flight() == 0);
    CHECK(one.bytes_in_flight() == 0);
    one.went({30, 30}, 1, 1000, 30);
    CHECK_FALSE(one.has_credit());  // by its bytes
}

TEST_CASE("what is dropped is one gap until it is told") {
    pub_cursor one{10};
    CHECK_FALSE(one.gap());
    one.dropped({10, 19});
    one.passes(29);
    one.dropped({32, 35});
    CHECK(one.gap() == offset_range{10, 35});
    CHECK(one.next() == 36);
    CHECK(one.sent_below() == 0);
    one.told();
    CHECK_FALSE(one.gap());
    CHECK(one.sent_below() == 36);
    one.dropped({40, 41});
    CHECK(one.gap() == offset_range{40, 41});
}
