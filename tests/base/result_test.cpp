#include "godwit/result.hpp"

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/system_error.hpp"
#include "godwit/delivery.hpp"
#include "godwit/peer.hpp"
#include "godwit/receipt.hpp"
#include "test_main.hpp"

using godwit::errc;
using godwit::error;
using godwit::result;
using godwit::status;

namespace {

// Counts its copies and moves, and throws from a move when told to.
struct probe {
    static inline int copies = 0;
    static inline int moves = 0;
    static inline int alive = 0;
    static inline bool moves_throw = false;
    int number = 0;

    explicit probe(int n) : number{n} { ++alive; }
    probe(const probe& other) : number{other.number} { ++copies, ++alive; }
    probe(probe&& other) noexcept(false) : number{other.number} {
        if (moves_throw) throw std::runtime_error("no");
        other.number = -1;
        ++moves, ++alive;
    }
    ~probe() { --alive; }
};

}  // namespace

TEST_CASE("every code has a name and a sentence of its own") {
    std::map<std::string, int> names;
    std::map<std::string, int> sentences;
    for (int code = 1; code <= static_cast<int>(errc::corrupt); ++code) {
        const error failure{static_cast<errc>(code)};
        const std::string name{godwit::name(failure.code())};
        CHECK(name != "unknown_code");
        CHECK(++names[name] == 1);
        CHECK(++sentences[failure.what()] == 1);
        CHECK(std::string{failure.what()}.starts_with(name + ": "));
        CHECK(failure.value().empty());
    }
    CHECK(godwit::name(errc::timed_out) == "timed_out");
    CHECK(godwit::name(errc::io) == "io");
    CHECK(godwit::name(static_cast<errc>(999)) == "unknown_code");
    CHECK(godwit::name(static_cast<errc>(0)) == "unknown_code");
}

TEST_CASE("what() is the name, the value and the advice, or the sentence without advice") {
    CHECK(std::string{error{errc::not_found, "eth7", "list them with ip link"}.what()} ==
          "not_found: eth7: list them with ip link");
    CHECK(std::string{error{errc::not_found, "eth7"}.what()} == "not_found: eth7: there is none such");
    CHECK(std::string{error{errc::too_large, "", "smaller, please"}.what()} == "too_large: smaller, please");
}

TEST_CASE("values are escaped and cut, so that an error is one printable line") {
    using namespace std::string_view_literals;
    const auto shown = [](std::string_view value) { return std::string{error{errc::io, value}.value()}; };
    CHECK(shown("a\nb\0c\x7f\x1b"sv) == "a\\x0ab\\x00c\\x7f\\x1b");
    CHECK(shown("bl\xc3\xa5 \xe2\x82\xac \xf0\x9f\x90\xa6") == "bl\xc3\xa5 \xe2\x82\xac \xf0\x9f\x90\xa6");
    CHECK(shown("\xff\xc3") == "\\xff\\xc3");
    CHECK(shown("\xc0\xaf") == "\\xc0\\xaf");  // overlong
    CHECK(shown("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");
    CHECK(shown("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
    CHECK(shown("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
    CHECK(shown("\xf0\x80\x80\xaf") == "\\xf0\\x80\\x80\\xaf");
    CHECK(shown("\xc2\x85") == "\\xc2\\x85");           // a control character of two bytes
    CHECK(shown("\xe2\x80\xa8") == "\\xe2\\x80\\xa8");  // line separator
    CHECK(shown("\xe2\x80\xae") == "\\xe2\\x80\\xae");  // right-to-left override
    CHECK(shown("\xe2\x82") == "\\xe2\\x82");           // cut short
    CHECK(shown("%s%n") == "%s%n");
    const std::string long_value = shown(std::string(70'000, 'x'));
    CHECK(long_value == std::string(200, 'x') + "...");
    CHECK(shown(std::string(70'000, '\n')).size() <= 203);
    CHECK(shown(std::string(200, 'x')) == std::string(200, 'x'));
    CHECK(shown(std::string(199, 'x') + "\xc3\xa5") == std::string(199, 'x') + "...");
    CHECK(std::string{error{errc::io, "v", "two\nlines"}.what()} == "io: v: two\\x0alines");
}

TEST_CASE("copies of an error share its text and outlive it") {
    auto first = std::make_unique<error>(errc::io, "disk");
    const error copy = *first;
    const std::string_view value = copy.value();
    first.reset();
    CHECK(value == "disk");
    error moved = copy;
    error target{errc::closed};
    target = std::move(moved);
    CHECK(target.code() == errc::io);
    CHECK(target.value().data() == value.data());
}

TEST_CASE("a result is made from whatever converts to its value") {
    const auto text = []() -> result<std::string> { return "text"; };
    CHECK(text().value() == "text");
    const auto wide = []() -> result<long> { return 7; };
    CHECK(wide().value() == 7);
    const auto owned = []() -> result<std::unique_ptr<int>> { return std::make_unique<int>(3); };
    CHECK(**owned() == 3);
    const auto failed = []() -> result<std::string> { return errc::closed; };
    CHECK(failed().failed(errc::closed));
    const auto failed_too = []() -> result<std::string> { return error{errc::io, "x"}; };
    CHECK(failed_too().error().value() == "x");
    STATIC_REQUIRE(!std::is_constructible_v<result<bool>, const char*>);
    STATIC_REQUIRE(!std::is_convertible_v<int, result<std::string>>);
    STATIC_REQUIRE(!std::is_copy_constructible_v<result<std::unique_ptr<int>>>);
    STATIC_REQUIRE(!std::is_copy_assignable_v<result<std::unique_ptr<int>>>);
    STATIC_REQUIRE(std::is_copy_constructible_v<result<std::string>>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<result<godwit::delivery>>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<result<godwit::delivery>>);
}

TEST_CASE("a value built in place is neither copied nor moved") {
    probe::copies = probe::moves = 0;
    {
        const result<probe> built{std::in_place, 5};
        CHECK(built->number == 5);
        CHECK(probe::copies + probe::moves == 0);
        CHECK(probe::alive == 1);
    }
    CHECK(probe::alive == 0);
}

TEST_CASE("assignment goes between all combinations of values and errors") {
    const result<std::string> value{std::string(100, 'v')};
    const result<std::string> failure{error{errc::io, "disk"}};
    for (const auto* from : {&value, &failure}) {
        for (const auto* to : {&value, &failure}) {
            result<std::string> copied = *to;
            copied = *from;
            CHECK(copied.has_value() == from->has_value());
            result<std::string> moved = *to;
            moved = result<std::string>{*from};
            CHECK(moved.has_value() == from->has_value());
            if (moved) {
                CHECK(*moved == *value);
                CHECK(*copied == *value);
            } else {
                CHECK(moved.error().value() == "disk");
                CHECK(copied.error().value() == "disk");
            }
        }
    }
    result<std::string> self = value;
    auto& alias = self;
    self = std::move(alias);
    CHECK(*self == *value);
    self = alias;
    CHECK(*self == *value);
}

TEST_CASE("a move that throws leaves an error and nothing else") {
    probe::alive = 0;
    {
        result<probe> target{std::in_place, 1};
        result<probe> source{std::in_place, 2};
        probe::moves_throw = true;
        CHECK_THROWS_AS(target = std::move(source), std::runtime_error);
        probe::moves_throw = false;
        CHECK(target.failed(errc::no_resources));
        CHECK(source->number == 2);
        target = std::move(source);
        CHECK(target->number == 2);
    }
    CHECK(probe::alive == 0);
}

TEST_CASE("reading the wrong side throws") {
    const result<int> failure{error{errc::not_found, "thing"}};
    CHECK_THROWS_AS(failure.value(), error);
    CHECK_THROWS_AS(*failure, error);
    CHECK_THROWS_WITH(failure.value(), "not_found: thing: there is none such");
    CHECK_THROWS_AS(
        result<std::string> { errc::io } -> size(), error);
    CHECK_THROWS_AS(result<int>{1}.error(), std::logic_error);
    CHECK(failure.value_or(9) == 9);
    CHECK(result<int>{4}.value_or(9) == 4);

    CHECK_THROWS_AS(status{errc::closed}.value(), error);
    CHECK_THROWS_AS(status{}.error(), std::logic_error);
    CHECK_NOTHROW(status{}.value());
    CHECK(status{errc::closed}.failed(errc::closed));
    CHECK_FALSE(status{}.failed(errc::closed));
    CHECK_FALSE(status{errc::io}.failed(errc::closed));
}

TEST_CASE("what is read from a temporary result stays valid") {
    const auto words = []() -> result<std::vector<std::string>> { return std::vector(3, std::string(40, 'w')); };
    std::size_t bytes = 0;
    for (const std::string& word : words().value()) bytes += word.size();
    CHECK(bytes == 120);
    const auto& kept = result<int>{error{errc::io, "kept"}}.error();
    CHECK(kept.value() == "kept");
    CHECK(words()->size() == 3);
}

TEST_CASE("system errors tell want of resources from the rest") {
    using godwit::detail::system_error;
    for (const int number : {EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN}) {
        CHECK(system_error("open", number).code() == errc::no_resources);
    }
    for (const int number : {ENOENT, EACCES, ENOSPC, EIO, 123456}) {
        CHECK(system_error("open", number).code() == errc::io);
    }
    CHECK(system_error("open /x\n", ENOENT).value() == "open /x\\x0a: No such file or directory");
    CHECK(std::string{system_error("socket", EMFILE).what()}.find("ulimit -n") != std::string::npos);
}

TEST_CASE("event kinds are named as they are spelled") {
    using godwit::event_kind;
    CHECK(godwit::name(event_kind::peer_joined) == "peer_joined");
    CHECK(godwit::name(event_kind::peer_left) == "peer_left");
    CHECK(godwit::name(event_kind::handshake_refused) == "handshake_refused");
    CHECK(godwit::name(event_kind::mismatch_suspected) == "mismatch_suspected");
    CHECK(godwit::name(event_kind::endpoint_stolen) == "endpoint_stolen");
    CHECK(godwit::name(event_kind::accept_failed) == "accept_failed");
    CHECK(godwit::name(event_kind::name_refused) == "name_refused");
    CHECK(godwit::name(event_kind::unsent_lost) == "unsent_lost");
    CHECK(godwit::name(event_kind::mismatch) == "mismatch");
    CHECK(godwit::name(event_kind::link_lost) == "link_lost");
    CHECK(godwit::name(event_kind::link_broken) == "link_broken");
    CHECK(godwit::name(event_kind::link_fenced) == "link_fenced");
    CHECK(godwit::name(event_kind::dead_letters_full) == "dead_letters_full");
    CHECK(godwit::name(static_cast<event_kind>(200)) == "unknown");
}

TEST_CASE("timeouts clamp what a clock cannot hold") {
    using godwit::timeout;
    using namespace std::chrono_literals;
    using clock = timeout::clock;
    CHECK(timeout{0s}.is_zero());
    CHECK(timeout{-5s}.is_zero());
    CHECK(timeout{std::chrono::hours::max()}.is_never());
    CHECK(timeout{std::chrono::duration<double>{1e300}}.is_never());
    CHECK(timeout::never.is_never());
    CHECK(timeout::never.deadline() == clock::time_point::max());
    CHECK_FALSE(timeout{24h * 365 * 100}.is_never());
    CHECK(timeout{24h * 365 * 250}.deadline() > clock::now());
    const auto before = clock::now();
    CHECK(timeout{1500ms}.deadline() >= before + 1500ms);
    CHECK(timeout{std::chrono::duration<double>{0.25}}.deadline() >= before + 250ms);
    CHECK_FALSE(timeout{std::chrono::duration<double, std::pico>{1}}.is_never());
}

TEST_CASE("the receipt of a plain socket knows one stage") {
    using godwit::stage;
    const godwit::receipt plain;
    CHECK(plain.wait(stage::accepted).has_value());
    CHECK(plain.reached(stage::accepted));
    for (const stage later : {stage::stored, stage::durable, stage::received, stage::processed}) {
        CHECK(plain.wait(later).failed(errc::unsupported));
        CHECK_FALSE(plain.reached(later));
    }
}
