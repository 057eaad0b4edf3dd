#include "godwit/report.hpp"

#include <nlohmann/json.hpp>
#include <cstring>

#include "core/report_counters.hpp"
#include "exposition.hpp"
#include "test_main.hpp"

using namespace godwit;
using nlohmann::json;

namespace {

constexpr const char* awkward = "a\\b\"c\nd\xff";
constexpr const char* as_shown = "a\\b\"c\nd\xef\xbf\xbd";

// Each counter has a value of its own, from 1 on.
socket_report example(std::string name) {
    socket_report report;
    report.name = std::move(name);
    report.pattern = "pub";
    report.endpoints = {"tcp://127.0.0.1:5555", "inproc://a"};
    std::uint64_t value = 0;
    for (const auto& each : detail::reported_counters) report.stats.*each.value = ++value;
    const std::chrono::system_clock::time_point when{std::chrono::microseconds{1'700'000'000'000'042}};
    report.peers.push_back({7, "tcp://127.0.0.1:5555", "127.0.0.1:4000", when});
    return report;
}

}  // namespace

TEST_CASE("a report as JSON is one line that other parsers read") {
    const std::string line = to_json(context_report{{example("one"), example("two")}});
    CHECK(line.find('\n') == std::string::npos);
    const json read = json::parse(line);
    REQUIRE(read["sockets"].size() == 2);
    const json& one = read["sockets"][0];
    CHECK(one == json::parse(to_json(example("one"))));
    CHECK(one["name"] == "one");
    CHECK(one["pattern"] == "pub");
    CHECK(one["endpoints"] == json{"tcp://127.0.0.1:5555", "inproc://a"});
    CHECK(one["peers"][0]["id"] == 7);
    CHECK(one["peers"][0]["since"] == "2023-11-14T22:13:20.000042Z");
    CHECK(read["sockets"][1]["name"] == "two");
}

TEST_CASE("every counter is in the JSON under its own name") {
    const json stats = json::parse(to_json(example("one")))["stats"];
    CHECK(stats.size() == std::size(detail::reported_counters));
    CHECK(stats["sent"] == 1);
    CHECK(stats["received"] == 2);
    CHECK(stats["peers"] == std::size(detail::reported_counters));
    std::set<std::uint64_t> values;
    for (const auto& value : stats) values.insert(value.get<std::uint64_t>());
    CHECK(values.size() == stats.size());
}

TEST_CASE("an event as JSON tells its kind, and what is no UTF-8 in it is replaced") {
    const json read = json::parse(to_json(event{event_kind::peer_left, 9, "ipc:///a", awkward, {}}));
    CHECK(read["kind"] == "peer_left");
    CHECK(read["peer_id"] == 9);
    CHECK(read["endpoint"] == "ipc:///a");
    CHECK(read["detail"] == as_shown);
    CHECK(read["when"] == "1970-01-01T00:00:00.000000Z");
}

TEST_CASE("times before 1970 are told right") {
    event old{};
    old.when = std::chrono::system_clock::time_point{std::chrono::microseconds{-1}};
    CHECK(json::parse(to_json(old))["when"] == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("a strict reader of Prometheus' text finds every counter, by socket, pattern and reason") {
    const std::string text = to_prometheus({{example("one"), example(awkward)}});
    const auto read = exposition::read(text);
    const exposition::labels one{{"socket", "one"}, {"pattern", "pub"}};
    const auto with = [&](const char* reason) {
        auto labels = one;
        labels["reason"] = reason;
        return labels;
    };
    CHECK(read.at("godwit_messages_sent_total").at(one) == 1);
    CHECK(read.at("godwit_messages_received_total").at(one) == 2);
    CHECK(read.at("godwit_messages_dropped_total").at(with("late_reply")) == 3);
    CHECK(read.at("godwit_messages_dropped_total").at(with("stray")) == 4);
    CHECK(read.at("godwit_messages_dropped_total").at(with("queue_full")) == 5);
    CHECK(read.at("godwit_messages_dropped_total").at(with("refused")) == 6);
    CHECK(read.at("godwit_links_ended_total").size() == 4);
    CHECK(read.at("godwit_peers").at(one) == std::size(detail::reported_counters));
    CHECK(read.at("godwit_messages_sent_total").at({{"socket", as_shown}, {"pattern", "pub"}}) == 1);

    std::size_t samples = 0;
    for (const auto& [name, family] : read) samples += family.size();
    CHECK(samples == 2 * std::size(detail::reported_counters));
    CHECK(text.find("127.0.0.1") == std::string::npos);
}

TEST_CASE("a context without sockets has an empty report that can be read all the same") {
    CHECK(json::parse(to_json(context_report{})) == json{{"sockets", json::array()}});
    CHECK(exposition::read(to_prometheus({})).empty());
}
