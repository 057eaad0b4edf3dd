#include "base/block.hpp"

#include <new>
#include <span>
#include <vector>

#include "test_main.hpp"

using godwit::as_bytes;
using godwit::message;
using godwit::detail::block;
using godwit::detail::block_frame;
using godwit::detail::message_access;

TEST_CASE("hidden frames are no part of the message") {
    const block_frame frames[] = {
        {as_bytes("envelope")}, {as_bytes("")}, {as_bytes("topic")}, {as_bytes("body")}, {as_bytes("key")}};
    for (std::uint16_t hidden = 0; hidden <= 5; ++hidden) {
        block* const shared = godwit::detail::make_block(frames);
        shared->first_shown = hidden;
        const message shown = message_access::from_block(shared);
        CHECK(shown.frame_count() == std::size_t{5} - hidden);
        if (hidden == 2) {
            CHECK(shown.topic() == "topic");
            CHECK(shown.text() == "body");
            CHECK(shown.key() == "key");
            CHECK(shown.size_bytes() == 12);
        }
        if (hidden == 3) CHECK(shown.topic() == "body");
        if (hidden == 3) CHECK(shown.text() == "key");
        if (hidden == 4) CHECK(shown.text() == "key");
        if (hidden == 5) {
            CHECK(shown.text().empty());
            CHECK(shown.detached().text().empty());
            CHECK(message{shown}.frame_count() == 0);
        }
    }
}

TEST_CASE("a block of more frames than can be counted is refused") {
    const std::vector<block_frame> frames(godwit::detail::frames_max + 1);
    CHECK_THROWS_AS(godwit::detail::make_block(frames), std::bad_alloc);
    block* const most = godwit::detail::make_block(std::span{frames}.first(godwit::detail::frames_max));
    CHECK(message_access::from_block(most).frame_count() == godwit::detail::frames_max);
}
