#include "base/escape.hpp"

#include "test_main.hpp"

using godwit::detail::append_escaped;
using godwit::detail::as_utf8;

namespace {

std::string escaped(std::string_view text, std::size_t bytes_max = 1000) {
    std::string out = "> ";
    append_escaped(out, text, bytes_max);
    return out.substr(2);
}

}  // namespace

TEST_CASE("what cannot be printed in one line is escaped byte by byte") {
    CHECK(escaped("plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa6") == "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa6");
    CHECK(escaped("a\nb\tc\x7f") == "a\\x0ab\\x09c\\x7f");
    CHECK(escaped(std::string_view{"\0", 1}) == "\\x00");
    CHECK(escaped("\xc2\x85") == "\\xc2\\x85");           // next line
    CHECK(escaped("\xe2\x80\xae") == "\\xe2\\x80\\xae");  // right to left
    CHECK(escaped("\xff\xc0\xaf") == "\\xff\\xc0\\xaf");
    CHECK(escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // half a surrogate pair
    CHECK(escaped("\xe2\x82") == "\\xe2\\x82");
}

TEST_CASE("escaped text is cut between characters and says so") {
    CHECK(escaped("abcdef", 6) == "abcdef");
    CHECK(escaped("abcdefg", 6) == "abcdef...");
    CHECK(escaped("abc\xe2\x82\xac", 5) == "abc...");
    CHECK(escaped("abc\n", 6) == "abc...");
}

TEST_CASE("each byte that is no UTF-8 becomes one replacement character") {
    const std::string replaced = "\xef\xbf\xbd";
    CHECK(as_utf8("a\n\xc3\xa9") == "a\n\xc3\xa9");
    CHECK(as_utf8("a\xff"
                  "b\xe2\x82") == "a" + replaced + "b" + replaced + replaced);
    CHECK(as_utf8("\xf4\x90\x80\x80") == replaced + replaced + replaced + replaced);
}
