// What a process without descriptors must survive: as errors and events, never by an abort or a busy loop.
#include <unistd.h>

#include <memory>
#include <sstream>

#include "system/process.hpp"
#include "system/raw_link.hpp"

using namespace system_tests;

namespace {

std::string second_word(const std::string& answer) {
    std::istringstream words{answer};
    std::string word;
    words >> word >> word;
    return word;
}

}  // namespace

TEST_CASE("RELIABILITY 36: with 0 to 40 descriptors left every step works or says no_resources") {
    const auto kind = GENERATE(as<std::string>(), "plain", "keyed", "reliable");
    CAPTURE(kind);
    process starved{"starved_peer"};
    REQUIRE(starved.ask("limit 256") == "ok");
    const std::string urls[] = {"tcp://127.0.0.1:*", "ipc:///tmp/godwit.starved." + std::to_string(::getpid()) + kind,
                                "inproc://x"};
    for (const std::string& url : urls) {
        CAPTURE(url);
        for (int left = 0; left <= 40; left += 4) {
            const auto range = std::to_string(left) + " " + std::to_string(std::min(left + 3, 40));
            const auto answer = starved.ask("sweep " + kind + " " + url + " " + range);
            CAPTURE(range, answer);
            const bool expected =
                answer == "ok [ok]" || answer == "ok [error no_resources]" || answer == "ok [error no_resources] [ok]";
            CHECK(expected);
        }
        CHECK(starved.ask("sweep " + kind + " " + url + " 64 64") == "ok [ok]");
    }
}

TEST_CASE("RELIABILITY 36: a connection that finds no descriptor is ended at once, without a busy loop, and told") {
    process starved{"starved_peer"};
    REQUIRE(starved.ask("limit 256") == "ok");
    const auto url = second_word(starved.ask("bind tcp://127.0.0.1:*"));
    REQUIRE(url.starts_with("tcp://"));
    REQUIRE(starved.ask("leave 0").starts_with("ok"));
    raw_link first{url};
    CHECK(first.ended());
    for (int i = 0; i < 20; ++i) CHECK(raw_link{url}.ended());
    std::vector<raw_link> crowd;
    for (int i = 0; i < 50; ++i) crowd.emplace_back(url);
    for (raw_link& one : crowd) CHECK(one.ended());
    CHECK(second_word(starved.ask("stats")) == "71");

    raw_link pending{url};
    const auto burnt = std::stoi(second_word(starved.ask("burn 1000")));
    CAPTURE(burnt);
    CHECK(burnt < 300);
    CHECK(pending.ended());

    REQUIRE(starved.ask("leave 200").starts_with("ok"));
    godwit::context ctx;
    godwit::push out{ctx};
    REQUIRE(out.connect(url));
    REQUIRE(out.send("served"));
    CHECK(starved.ask("recv") == "ok served");
}
