#include "point_in_time.hpp"

#include <cstdio>
#include <ctime>

namespace tool {

namespace {

constexpr int places_of_ms = 3;

// Behind the seconds: a point and up to three digits. Leaves what follows.
bool take_fraction(std::string_view& rest, int& ms) {
    if (!rest.starts_with('.')) return true;
    rest.remove_prefix(1);
    int places = 0;
    for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; ++places, rest.remove_prefix(1)) {
        if (places < places_of_ms) ms = ms * 10 + (rest.front() - '0');
    }
    for (int i = places; i < places_of_ms; ++i) ms *= 10;
    return places > 0;
}

}  // namespace

std::optional<time_in_ms> parse_time(const std::string& text) {
    std::tm parts{};
    int year = 0, month = 0, taken = 0, ms = 0;
    char between = 'T';
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &parts.tm_mday, &taken) != 3) return {};
    std::string_view rest = std::string_view{text}.substr(static_cast<std::size_t>(taken));
    if (!rest.empty() && rest != "Z") {
        if (std::sscanf(rest.data(), "%c%2d:%2d%n", &between, &parts.tm_hour, &parts.tm_min, &taken) != 3) return {};
        if (between != 'T' && between != ' ') return {};
        rest.remove_prefix(static_cast<std::size_t>(taken));
        if (std::sscanf(rest.data(), ":%2d%n", &parts.tm_sec, &taken) == 1) {
            rest.remove_prefix(static_cast<std::size_t>(taken));
            if (!take_fraction(rest, ms)) return {};
        }
    }
    if (rest != "" && rest != "Z") return {};
    using namespace std::chrono;
    const year_month_day day{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                             std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
    if (!day.ok() || parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60) return {};
    if (parts.tm_hour < 0 || parts.tm_min < 0 || parts.tm_sec < 0) return {};
    if (rest == "Z") {
        return sys_days{day} + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec} + milliseconds{ms};
    }
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    parts.tm_isdst = -1;
    return time_in_ms{seconds{std::mktime(&parts)} + milliseconds{ms}};
}

std::string format_time(time_in_ms when) {
    using namespace std::chrono;
    const auto day = floor<days>(when);
    const year_month_day date{day};
    const hh_mm_ss time{when - day};
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return text;
}

}  // namespace tool
