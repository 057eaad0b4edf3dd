#include "base/record.hpp"

#include <string>
#include <vector>

#include "base/batch_parts.hpp"
#include "base/ports.hpp"
#include "test_main.hpp"

using namespace batches;

TEST_CASE("a record beyond a limit is refused, with its name") {
    const std::string long_name(65536, 'n');
    const std::string name(65535, 'n');
    const std::vector<header> many(65, header{"n", "v"});
    const std::vector<header> long_header{{long_name, "v"}};
    const std::vector<header> fine(64, header{name, "v"});
    CHECK(check_record({.topic = name, .key = name, .headers = fine}));
    CHECK(check_record({.topic = long_name}).failed(godwit::errc::too_large));
    CHECK(check_record({.key = long_name}).failed(godwit::errc::too_large));
    CHECK(check_record({.headers = many}).failed(godwit::errc::too_large));
    CHECK(check_record({.headers = long_header}).failed(godwit::errc::too_large));
    CHECK(check_record({.priority = 10}).failed(godwit::errc::invalid_argument));
    const std::byte none{};
    CHECK(check_record({.body = {&none, (std::size_t{1} << 30) + 1}}).failed(godwit::errc::too_large));
    CHECK(std::string{check_record({.key = long_name}).error().what()}.find("key") != std::string::npos);
}

TEST_CASE("the largest names are read as they were written") {
    const std::string name(65535, 'n');
    const std::vector<owned_record> records{
        {.at = 1, .topic = name, .key = name, .body = "b", .headers = {{name, ""}, {"", name}}}};
    const batch_ref batch = batch_of(records);
    const auto checked = batch_view::check(batch.view.data(), no_limit);
    REQUIRE(checked.has_value());
    CHECK(records_of(*checked) == records);
}

TEST_CASE("times outside of what is kept are written as the nearest that is") {
    const std::int64_t most = std::int64_t{1} << 53;
    const batch_ref batch = batch_of({{.at = 1,
                                       .times = {.sent = wall_time::min(),
                                                 .delay = milliseconds::max(),
                                                 .ttl = milliseconds{-1},
                                                 .deliver_at = wall_time::max()}}});
    const auto checked = batch_view::check(batch.view.data(), no_limit);
    REQUIRE(checked.has_value());
    const record_times times = records_of(*checked).front().times;
    CHECK(times.sent == wall_time{});
    CHECK(times.delay == milliseconds{most});
    CHECK(times.ttl == milliseconds{0});
    CHECK(times.deliver_at == wall_time{milliseconds{most}});
}

TEST_CASE("a header's value is found by the first of its names") {
    const batch_ref batch = batch_of({{.at = 1, .headers = {{"a", "1"}, {"b", "2"}, {"a", "3"}}}, {.at = 2}});
    record_view record;
    REQUIRE(batch.view.find(1, record));
    CHECK(record.header_value("a") == "1");
    CHECK(record.header_value("b") == "2");
    CHECK(record.header_value("c").empty());
    CHECK(record.header_count() == 3);
    REQUIRE(batch.view.find(2, record));
    CHECK(record.header_count() == 0);
    CHECK(record.header_value("a").empty());
}

TEST_CASE("a stream's id is written as 32 hexadecimal digits") {
    CHECK(to_string(stream) == "0123456789abcdeffedcba9876543210");
    CHECK(to_string(godwit::stream_id{}) == std::string(32, '0'));
    CHECK(godwit::stream_id{}.empty());
    CHECK_FALSE(stream.empty());
}

TEST_CASE("the system's random numbers differ, and its steady clock does not fall") {
    const std::uint64_t first = system_random().draw();
    bool differs = false;
    for (int i = 0; i < 100; ++i) differs |= system_random().draw() != first;
    CHECK(differs);
    const steady_time before = system_time().now();
    CHECK(system_time().now() >= before);
    CHECK(system_time().wall() > noon);
}
