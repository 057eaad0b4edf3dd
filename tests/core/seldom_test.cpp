#include "core/seldom.hpp"

#include "test_main.hpp"

using godwit::detail::seldom;
using namespace std::chrono_literals;

namespace {

int told(seldom& row, int times, seldom::clock::time_point at) {
    int count = 0;
    for (int i = 0; i < times; ++i) count += row.happens(at) ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("of many the first, second, fourth … are told, and all are counted") {
    seldom row;
    const auto now = seldom::clock::now();
    CHECK(told(row, 1, now) == 1);
    CHECK(told(row, 1, now) == 1);
    CHECK(told(row, 1, now) == 0);
    CHECK(told(row, 1, now) == 1);
    CHECK(told(row, 996, now) == 7);  // 8 … 512
    CHECK(row.times() == 1000);
}

TEST_CASE("the first few can all be told, and a minute later they are again") {
    seldom row{64};
    const auto now = seldom::clock::now();
    CHECK(told(row, 64, now) == 64);
    CHECK(told(row, 1000, now + 59s) == 9);
    CHECK(told(row, 64, now + 60s) == 64);
    CHECK(row.times() == 1128);
}
