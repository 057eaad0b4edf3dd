// Rows 89 and 93: what rights allow, and how they are written.
#include "base/rights.hpp"

#include <string>

#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

rights parsed(std::string_view words) {
    auto may = rights::parse(words);
    if (!may) FAIL(may.error().what());
    return *may;
}

std::string complaint(std::string_view words) {
    const auto may = rights::parse(words);
    if (may) return "none";
    REQUIRE(may.failed(errc::malformed));
    return may.error().what();
}

}  // namespace

TEST_CASE("no word at all is everything, a word is that and nothing else") {
    REQUIRE(parsed("") == rights{});
    REQUIRE(parsed(" \t ") == rights{});
    rights expected = rights::none();
    expected.sub = {"eur.", "usd."};
    expected.push = {"orders"};
    expected.pull = true;
    REQUIRE(parsed("sub=eur.,usd. push=orders pull") == expected);
    REQUIRE(parsed("\tpull  push=orders\tsub=eur.,usd. ") == expected);
    expected = rights::none();
    expected.req = {""};
    REQUIRE(parsed("req") == expected);
    REQUIRE(parsed("push pub req sub pull rep") == rights{});
}

TEST_CASE("words that say nothing, or two things, are malformed") {
    REQUIRE(complaint("publish").find("publish") != std::string::npos);
    REQUIRE(complaint("SUB") != "none");
    REQUIRE(complaint("=a") != "none");
    REQUIRE(complaint("sub=") != "none");
    REQUIRE(complaint("sub=a,") != "none");
    REQUIRE(complaint("sub=,a") != "none");
    REQUIRE(complaint("sub=a sub=b") != "none");
    REQUIRE(complaint("sub sub") != "none");
    REQUIRE(complaint("pull=a") != "none");
    REQUIRE(complaint("rep=") != "none");
    REQUIRE(complaint("sub=" + std::string(4097, 'x')) != "none");
    REQUIRE(complaint("sub=" + std::string(4096, 'x')) == "none");
}

TEST_CASE("rights have at most 1,000 prefixes") {
    rights may = rights::none();
    may.push.assign(600, "a");
    may.sub.assign(400, "b");
    REQUIRE(check_rights(may));
    may.req.assign(1, "c");
    REQUIRE(check_rights(may).failed(errc::too_large));
    std::string words = "sub=a";
    for (int i = 0; i < 1000; ++i) words += ",a";
    REQUIRE(complaint(words).find("1,000") != std::string::npos);
}

TEST_CASE("a peer without a right of its pattern may not come") {
    REQUIRE(may_come(rights{}, pattern::push));
    REQUIRE(may_come(rights{}, pattern::pull));
    for (const auto theirs : {pattern::push, pattern::pull, pattern::pub, pattern::sub, pattern::req, pattern::rep}) {
        REQUIRE_FALSE(may_come(rights::none(), theirs));
        REQUIRE(may_come(parsed(name(theirs)), theirs));
        for (const auto other :
             {pattern::push, pattern::pull, pattern::pub, pattern::sub, pattern::req, pattern::rep}) {
            if (other != theirs) REQUIRE_FALSE(may_come(parsed(name(theirs)), other));
        }
    }
}

TEST_CASE("row 89: a prefix is within a right only if it is as long or longer") {
    const rights may = parsed("sub=a/secret,b");
    REQUIRE(may_speak(may, pattern::sub, "a/secret"));
    REQUIRE(may_speak(may, pattern::sub, "a/secret/x"));
    REQUIRE(may_speak(may, pattern::sub, "b"));
    REQUIRE_FALSE(may_speak(may, pattern::sub, "a"));
    REQUIRE_FALSE(may_speak(may, pattern::sub, "a/"));
    REQUIRE_FALSE(may_speak(may, pattern::sub, "a/secre"));
    REQUIRE_FALSE(may_speak(may, pattern::sub, ""));
    REQUIRE_FALSE(may_speak(may, pattern::sub, "A/secret"));
    REQUIRE_FALSE(may_speak(may, pattern::sub, std::string_view{"a/secre\0t", 9}));
    REQUIRE_FALSE(may_speak(may, pattern::pub, "b"));
    REQUIRE(may_speak(rights{}, pattern::sub, ""));
    REQUIRE_FALSE(may_speak(rights{}, pattern::pull, ""));  // says nothing to us
}
