// The filters of all links, and what of a batch each link gets by them.
#include "ack_retry/filter_table.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "ack_retry/batch_match.hpp"
#include "base/batch_parts.hpp"
#include "test_main.hpp"

using batches::batch_of;
using batches::offsets_of;
using batches::owned_record;
using godwit::errc;
using godwit::offset;
using godwit::detail::batch_match;
using godwit::detail::batch_ref;
using godwit::detail::filter_id;
using godwit::detail::filter_table;
using godwit::detail::link_filters;

namespace {

link_filters filters_of(filter_table& table, const std::vector<std::string>& texts) {
    link_filters made{table};
    for (const auto& each : texts) made.add(each).value();
    return made;
}

std::vector<owned_record> numbered(const std::vector<std::string>& topics) {
    std::vector<owned_record> made;
    for (const auto& each : topics) made.push_back({.at = 10 + made.size(), .topic = each, .body = "body"});
    return made;
}

std::vector<offset> picked(batch_match& from, const link_filters& of) {
    const batch_ref& found = from.pick(of);
    return found.empty() ? std::vector<offset>{} : offsets_of(found.view);
}

}  // namespace

TEST_CASE("a filter that many links ask for is there once, until the last lets go") {
    filter_table table;
    auto first = filters_of(table, {"a", "b"});
    {
        auto second = filters_of(table, {"a", "a", "c"});
        CHECK(second.count() == 2);
        CHECK(table.size() == 3);
        CHECK(table.wants("cd"));
    }
    CHECK(table.size() == 2);
    CHECK_FALSE(table.wants("cd"));
    CHECK(first.remove("a"));
    CHECK_FALSE(first.remove("a"));
    CHECK_FALSE(table.wants("ab"));
    CHECK(table.wants("b"));
    CHECK(first.add("c {").failed(errc::invalid_argument));
    CHECK(first.count() == 1);
}

TEST_CASE("RELIABILITY 85: a link's filters are limited in number and in bytes") {
    filter_table table;
    link_filters many{table};
    for (std::size_t i = 0; i < link_filters::count_max; ++i) many.add("topic." + std::to_string(i)).value();
    CHECK(many.add("one more").failed(errc::too_large));
    CHECK(many.add("topic.7").has_value());  // it is there
    CHECK(many.remove("topic.7"));
    CHECK(many.add("one more").has_value());
    link_filters large{table};
    for (int i = 0; i < 262; ++i) large.add(std::to_string(1000 + i) + std::string(3996, 'x')).value();
    CHECK(large.add(std::string(4000, 'y')).failed(errc::too_large));
    CHECK(large.add(std::string(576, 'y')).has_value());
    CHECK(large.add("z").failed(errc::too_large));
}

TEST_CASE("a topic is tried on few of ten thousand filters") {
    filter_table table;
    link_filters many{table};
    for (int i = 0; i < 5000; ++i) many.add("user." + std::to_string(i) + ".").value();
    for (int i = 0; i < 5000; ++i) many.add("order." + std::to_string(i) + ".*").value();
    std::vector<filter_id> plain, conditional;
    table.match("order.4321.x", plain, conditional);
    CHECK(plain.size() == 1);
    CHECK(table.evaluations() == 1);
    table.match("user.17.x.y", plain, conditional);
    CHECK(plain.size() == 2);
    CHECK(table.evaluations() == 2);
    CHECK(conditional.empty());
}

TEST_CASE("a table finds what each filter by itself would") {
    const std::vector<std::string> texts{"",    "a", "a.",  "a.b", "=a",      "=a.b",   "a.*",
                                         "a.>", "*", "*.b", ">",   "a.b {x}", "*.* {x}"};
    const std::vector<std::string> topics{"", "a", "b", "a.", "a.b", "a.b.c", "b.b", "ab", ".b"};
    filter_table table;
    std::vector<filter_id> ids;
    for (const auto& each : texts) ids.push_back(table.add(each).value());
    for (const auto& topic : topics) {
        std::vector<filter_id> plain, conditional;
        table.match(topic, plain, conditional);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const auto alone = godwit::detail::topic_filter::parse(texts[i]).value();
            const auto& among = alone.has_predicates() ? conditional : plain;
            INFO(topic << " by " << texts[i]);
            CHECK((std::ranges::count(among, ids[i]) == 1) == alone.matches(topic));
        }
    }
}

TEST_CASE("who wants all of a batch gets its own bytes, who wants the same part shares one cut") {
    filter_table table;
    const auto all = filters_of(table, {""}), both = filters_of(table, {"a", "b"}), a1 = filters_of(table, {"a"}),
               a2 = filters_of(table, {"=a.x", "a"}), none = filters_of(table, {"c"}), empty = filters_of(table, {});
    const batch_ref batch = batch_of(numbered({"a.x", "b", "a.y", "a.x", "b"}));
    batch_match match{table};
    match.reset(batch);
    CHECK(match.pick(all).view.data().data() == batch.view.data().data());
    CHECK(match.pick(both).view.data().data() == batch.view.data().data());
    CHECK(picked(match, a1) == std::vector<offset>{10, 12, 13});
    CHECK(match.pick(a1).view.data().data() == match.pick(a2).view.data().data());
    CHECK(match.pick(none).empty());
    CHECK(match.pick(empty).empty());
    CHECK(offsets_of(match.pick(a1, 12).view) == std::vector<offset>{12, 13});
    CHECK(match.pick(a1, 14).empty());
}

TEST_CASE("each filter is tried once on a topic and once on a record, whatever the number of subscribers") {
    filter_table table;
    std::vector<link_filters> links;
    for (int i = 0; i < 64; ++i) links.push_back(filters_of(table, {"a.", "b {x=1}"}));
    auto records = numbered({"a.1", "b", "a.1", "b", "c"});
    records[1].headers = {{"x", "1"}};
    records[3].headers = {{"x", "2"}};
    batch_match match{table};
    match.reset(batch_of(records));
    for (auto& each : links) CHECK(picked(match, each) == std::vector<offset>{10, 11, 12});
    CHECK(table.evaluations() == 4);  // a. on a.1; b on its topic, and on two records
    const auto other = filters_of(table, {"c", "b {x=1}"});
    CHECK(picked(match, other) == std::vector<offset>{11, 14});
}

TEST_CASE("a filter that comes or goes while a batch is looked at counts") {
    filter_table table;
    auto one = filters_of(table, {"a"});
    batch_match match{table};
    match.reset(batch_of(numbered({"a", "b"})));
    CHECK(picked(match, one) == std::vector<offset>{10});
    one.add("b").value();
    CHECK(picked(match, one) == std::vector<offset>{10, 11});
    one.remove("a");
    CHECK(picked(match, one) == std::vector<offset>{11});
}

TEST_CASE("records without a topic are wanted by who wants everything, or the empty topic") {
    filter_table table;
    batch_match match{table};
    match.reset(batch_of(numbered({"", "a", ""})));
    CHECK(picked(match, filters_of(table, {"=", "b"})) == std::vector<offset>{10, 12});
    CHECK(picked(match, filters_of(table, {"a"})) == std::vector<offset>{11});
    CHECK(picked(match, filters_of(table, {""})).size() == 3);
}
