#include "base/delivery_notes.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

wall_time at_ms(std::int64_t ms) { return wall_time{std::chrono::milliseconds{ms}}; }

}  // namespace

TEST_CASE("what is noted of an attempt is read back") {
    const attempt_note said{{7, 9}, {3, 1, 2, 9, at_ms(1'700'000'000'000), at_ms(1'700'000'900'000), 0xfeed}};
    const auto content = encode(said);
    CHECK(content.size() == 48);
    const auto read = decode_attempt(content);
    REQUIRE(read);
    CHECK(read->what == said.what);
    CHECK(read->state == said.state);
    CHECK(decode_attempt(encode(attempt_note{{1, 1}, {}}))->state.expires == wall_time::max());
}

TEST_CASE("what is noted of a dead letter is read back, and that it was taken out") {
    const dead_letter_note said{7, {16, dead_reason::refused, 0, at_ms(1'700'000'000'000), "no such account", false}};
    const auto read = decode_dead_letter(encode(said));
    REQUIRE(read);
    CHECK(read->at == 7);
    CHECK(read->state.attempts == 16);
    CHECK(read->state.why == dead_reason::refused);
    CHECK(read->state.priority == 0);
    CHECK(read->state.when == said.state.when);
    CHECK(read->state.detail == "no such account");
    CHECK_FALSE(read->state.is_taken_out);
    dead_letter_note taken_out{.at = 7};
    taken_out.state.is_taken_out = true;
    CHECK(decode_dead_letter(encode(taken_out))->state.is_taken_out);
}

TEST_CASE("a note that is cut off or says what cannot be is malformed") {
    const auto tried = encode(attempt_note{{7, 9}, {}});
    for (std::size_t size = 0; size < tried.size(); ++size) CHECK_FALSE(decode_attempt(tried.substr(0, size)));
    CHECK_FALSE(decode_attempt(tried + "x"));
    auto backwards = tried;
    backwards[8] = 6;
    CHECK_FALSE(decode_attempt(backwards));
    auto endless = tried;
    endless[8 + 3] = 1;
    CHECK_FALSE(decode_attempt(endless));
    auto urgent = tried;
    urgent[22] = 10;
    CHECK_FALSE(decode_attempt(urgent));
    auto early = tried;
    early[24 + 7] = '\x80';
    CHECK_FALSE(decode_attempt(early));

    dead_letter_note letter{.at = 7};
    letter.state.detail = "why";
    const auto dead = encode(letter);
    for (std::size_t size = 0; size < dead.size(); ++size) CHECK_FALSE(decode_dead_letter(dead.substr(0, size)));
    CHECK_FALSE(decode_dead_letter(dead + "x"));
    auto unheard_of = dead;
    unheard_of[12] = 3;
    CHECK_FALSE(decode_dead_letter(unheard_of));
}
