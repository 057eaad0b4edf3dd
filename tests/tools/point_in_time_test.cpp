#include "point_in_time.hpp"

#include "test_main.hpp"

using namespace tool;
using namespace std::chrono;

TEST_CASE("a point in time is read as it is written, in UTC") {
    constexpr sys_days day = year{2026} / 7 / 1;
    CHECK(parse_time("2026-07-01T12:34:56.789Z") == time_in_ms{day + 12h + 34min + 56s + 789ms});
    CHECK(parse_time("2026-07-01 12:34:56.7Z") == time_in_ms{day + 12h + 34min + 56s + 700ms});
    CHECK(parse_time("2026-07-01T12:34Z") == time_in_ms{day + 12h + 34min});
    CHECK(parse_time("2026-07-01Z") == time_in_ms{day});
    CHECK(format_time(day + 12h + 34min + 56s + 7ms) == "2026-07-01T12:34:56.007Z");
    for (const milliseconds each : {0ms, 1ms, 999ms, 1'700'000'000'123ms})
        CHECK(parse_time(format_time(time_in_ms{each})) == time_in_ms{each});
    CHECK(parse_time("2026-07-01 12:34"));  // local
}

TEST_CASE("what is no point in time is not taken for one") {
    for (const char* const text :
         {"", "Z", "soon", "2026", "2026-13-01", "2026-02-30", "2026-07-01T", "2026-07-01T25:00Z", "2026-07-01T12:60Z",
          "2026-07-01x12:00Z", "2026-07-01T12:00:00.Z", "2026-07-01T12:00ZZ", "2026-07-01T12:00+02:00"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_time(text));
    }
}
