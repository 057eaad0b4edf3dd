// What a subscriber's filter means.
#include "ack_retry/topic_filter.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/batch_parts.hpp"
#include "test_main.hpp"

using godwit::errc;
using godwit::detail::batch_builder;
using godwit::detail::record_view;
using godwit::detail::topic_filter;

namespace {

bool wants(std::string_view filter, std::string_view topic) {
    return topic_filter::parse(filter).value().matches(topic);
}

bool holds(std::string_view filter, std::vector<std::pair<std::string, std::string>> headers) {
    const auto batch = batches::batch_of({batches::owned_record{.at = 1, .topic = "t", .headers = std::move(headers)}});
    record_view record;
    REQUIRE(batch.view.find(1, record));
    return topic_filter::parse(filter).value().holds(record);
}

}  // namespace

TEST_CASE("plain text is a beginning, and the empty filter wants everything") {
    CHECK(wants("", ""));
    CHECK(wants("", "anything"));
    CHECK(wants("ord", "orders.eu"));
    CHECK(wants("orders.eu", "orders.eu"));
    CHECK_FALSE(wants("orders.eu", "orders"));
    CHECK_FALSE(wants("rders", "orders"));
    CHECK(wants("a{b}", "a{b}c"));  // braces mean something behind a space alone
}

TEST_CASE("a leading = wants one topic, and nothing in it is special") {
    CHECK(wants("=orders", "orders"));
    CHECK_FALSE(wants("=orders", "orders.eu"));
    CHECK_FALSE(wants("=a.*", "a.b"));
    CHECK(wants("=a.*", "a.*"));
    CHECK(wants("=", ""));
    CHECK_FALSE(wants("=", "a"));
    CHECK(wants("a=b", "a=b.c"));
}

TEST_CASE("a token * is one token of a whole topic") {
    CHECK(wants("a.*", "a.b"));
    CHECK_FALSE(wants("a.*", "a.b.c"));
    CHECK_FALSE(wants("a.*", "a"));
    CHECK(wants("*", "a"));
    CHECK_FALSE(wants("*", "a.b"));
    CHECK(wants("*.b", "a.b"));
    CHECK(wants("a.*.c", "a.b.c"));
    CHECK_FALSE(wants("a.*.c", "a.b.d"));
    CHECK_FALSE(wants("a.*.c", "a.b.c.d"));
    CHECK(wants("a*.b", "a*.bc"));  // no token: a beginning
    CHECK_FALSE(wants("a*.b", "ax.b"));
}

TEST_CASE("a last token > is one token or more") {
    CHECK(wants(">", "a"));
    CHECK(wants(">", "a.b.c"));
    CHECK(wants("a.>", "a.b"));
    CHECK(wants("a.>", "a.b.c"));
    CHECK_FALSE(wants("a.>", "a"));
    CHECK_FALSE(wants("a.>", "ab.c"));
    CHECK(wants("*.>", "a.b.c"));
    CHECK_FALSE(wants("*.>", "a"));
    CHECK(wants("a.>.b", "a.>.bc"));  // not the last: a beginning
    CHECK(wants("a.>.*", "a.>.b"));
    CHECK_FALSE(wants("a.>.*", "a.x.b"));
}

TEST_CASE("a token may be empty") {
    CHECK(wants("*", ""));
    CHECK(wants(">", ""));
    CHECK(wants("a.*", "a."));
    CHECK(wants("a.>", "a."));
    CHECK(wants("a..*", "a..b"));
    CHECK_FALSE(wants("a..*", "a.x.b"));
    CHECK(wants("*.*", "."));
    CHECK_FALSE(wants("*.*", ".."));
    CHECK(wants(".>", "..."));
}

TEST_CASE("a backslash takes a meaning away") {
    CHECK(wants("\\=a", "=ab"));
    CHECK(wants("a.\\*", "a.*.b"));
    CHECK_FALSE(wants("a.\\*", "a.b"));
    CHECK(wants("a.\\>", "a.>x"));
    CHECK(wants("a \\{b}", "a {b}c"));
    CHECK(wants("a\\\\b", "a\\bc"));
    CHECK(wants("a\\.*", "a.b"));  // a dot is a dot
}

TEST_CASE("header predicates must all hold") {
    CHECK(holds("t {region=eu}", {{"region", "eu"}}));
    CHECK_FALSE(holds("t {region=eu}", {{"region", "us"}}));
    CHECK_FALSE(holds("t {region=eu}", {}));
    CHECK(holds("t {region!=eu}", {{"region", "us"}}));
    CHECK(holds("t {region!=eu}", {}));
    CHECK_FALSE(holds("t {region!=eu}", {{"region", "eu"}}));
    CHECK(holds("t {urgent}", {{"urgent", ""}}));
    CHECK_FALSE(holds("t {urgent}", {{"urgen", "t"}}));
    CHECK(holds("t {region=eu, kind!=test, urgent}", {{"urgent", "1"}, {"region", "eu"}}));
    CHECK_FALSE(holds("t {region=eu, kind!=test, urgent}", {{"urgent", "1"}, {"region", "eu"}, {"kind", "test"}}));
    CHECK(holds("t {a=}", {{"a", ""}}));
    CHECK_FALSE(holds("t {a=}", {{"a", "1"}}));
    CHECK(holds("t {a=b=c}", {{"a", "b=c"}}));
    CHECK(holds("t { a = b , c }", {{"a", "b"}, {"c", ""}}));
    CHECK(holds("t {a=\\ b\\,\\}}", {{"a", " b,}"}}));
    CHECK(holds("t {a=1}", {{"a", "1"}, {"a", "2"}}));  // the first of a name counts
    CHECK_FALSE(holds("t {a=2}", {{"a", "1"}, {"a", "2"}}));
    CHECK(wants("t {a}", "topic"));
    CHECK(wants(" {a}", "any topic"));
    CHECK_FALSE(wants("=t {a}", "topic"));
    CHECK(wants("t.* {a}", "t.x"));
}

TEST_CASE("what is no filter is refused, and named") {
    for (const auto* wrong : {"a\\", "a {", "a {b", "a {}", "a { }", "a {b,}", "a {=b}", "a {!=b}", "a {b} c", "a {b{}",
                              "a {b}}", "a {b\\}", "a {,b}"}) {
        INFO(wrong);
        CHECK(topic_filter::parse(wrong).failed(errc::invalid_argument));
    }
    CHECK(topic_filter::parse(std::string(4000, 'a')).has_value());
    CHECK(topic_filter::parse(std::string(4001, 'a')).failed(errc::too_large));
    std::string many = "a {b";
    for (int i = 1; i < 32; ++i) many += ",b";
    CHECK(topic_filter::parse(many + "}").has_value());
    CHECK(topic_filter::parse(many + ",b}").failed(errc::too_large));
}

TEST_CASE("every topic that a filter wants begins with its lead") {
    CHECK(topic_filter::parse("a.b").value().lead() == "a.b");
    CHECK(topic_filter::parse("=a.b").value().lead() == "a.b");
    CHECK(topic_filter::parse("a.b.*.c").value().lead() == "a.b.");
    CHECK(topic_filter::parse("a.>").value().lead() == "a.");
    CHECK(topic_filter::parse("*.a").value().lead().empty());
}
