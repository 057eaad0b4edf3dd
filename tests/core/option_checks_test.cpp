#include "core/option_checks.hpp"

#include <functional>
#include <limits>
#include <string>

#include "test_main.hpp"

using namespace godwit;
using godwit::detail::check_options;
using namespace std::chrono_literals;

namespace {

using change = std::function<void(socket_options&)>;

status with(const change& changed) {
    socket_options options;
    changed(options);
    return check_options(options);
}

struct limits {
    const char* field;
    std::vector<change> fine;
    std::vector<change> refused;
};

template <class T>
change set(T socket_options::*field, T value) {
    return [=](socket_options& options) { options.*field = value; };
}

}  // namespace

TEST_CASE("the defaults are fine") { CHECK(check_options({})); }

TEST_CASE("each field is checked to its limits, and the error names the field") {
    using o = socket_options;
    using ms = std::chrono::milliseconds;
    constexpr std::size_t endless = std::numeric_limits<std::size_t>::max();
    const std::vector<limits> table{
        {"queue_messages_max",
         {set<std::size_t>(&o::queue_messages_max, 1), set<std::size_t>(&o::queue_messages_max, 1'000'000)},
         {set<std::size_t>(&o::queue_messages_max, 0), set<std::size_t>(&o::queue_messages_max, 1'000'001),
          set<std::size_t>(&o::queue_messages_max, endless)}},
        {"message_bytes_max",
         {set<std::size_t>(&o::message_bytes_max, 1), set<std::size_t>(&o::message_bytes_max, std::size_t{1} << 40)},
         {set<std::size_t>(&o::message_bytes_max, 0),
          set<std::size_t>(&o::message_bytes_max, (std::size_t{1} << 40) + 1),
          set<std::size_t>(&o::message_bytes_max, endless)}},
        {"linger",
         {set<ms>(&o::linger, 0ms), set<ms>(&o::linger, 24h)},
         {set<ms>(&o::linger, -1ms), set<ms>(&o::linger, 24h + 1ms), set<ms>(&o::linger, ms::max()),
          set<ms>(&o::linger, ms::min())}},
        {"redial_min",
         {set<ms>(&o::redial_min, 1ms), set<ms>(&o::redial_min, 5000ms),
          [](o& options) { options.redial_min = options.redial_max = 1h; }},
         {set<ms>(&o::redial_min, 0ms), set<ms>(&o::redial_min, -5ms), set<ms>(&o::redial_min, 1h + 1ms),
          set<ms>(&o::redial_min, ms::max())}},
        {"redial_max",
         {set<ms>(&o::redial_max, 100ms), set<ms>(&o::redial_max, 24h)},
         {set<ms>(&o::redial_max, 99ms), set<ms>(&o::redial_max, 24h + 1ms), set<ms>(&o::redial_min, 5001ms),
          set<ms>(&o::redial_max, ms::max())}},
        {"handshake_max",
         {set<ms>(&o::handshake_max, 1ms), set<ms>(&o::handshake_max, 1h)},
         {set<ms>(&o::handshake_max, 0ms), set<ms>(&o::handshake_max, 1h + 1ms),
          set<ms>(&o::handshake_max, ms::max())}},
        {"requests_max",
         {set<std::size_t>(&o::requests_max, 1), set<std::size_t>(&o::requests_max, 16'777'216)},
         {set<std::size_t>(&o::requests_max, 0), set<std::size_t>(&o::requests_max, 16'777'217)}},
        {"events_max",
         {set<std::size_t>(&o::events_max, 1), set<std::size_t>(&o::events_max, 1'000'000)},
         {set<std::size_t>(&o::events_max, 0), set<std::size_t>(&o::events_max, 1'000'001)}},
        {"handshakes_max",
         {set<std::size_t>(&o::handshakes_max, 1), set<std::size_t>(&o::handshakes_max, 1000000)},
         {set<std::size_t>(&o::handshakes_max, 0), set<std::size_t>(&o::handshakes_max, 1000000 + 1),
          set<std::size_t>(&o::handshakes_max, endless)}},
        {"peers_max",
         {set<std::size_t>(&o::peers_max, 1), set<std::size_t>(&o::peers_max, 1000000)},
         {set<std::size_t>(&o::peers_max, 0), set<std::size_t>(&o::peers_max, 1000000 + 1),
          set<std::size_t>(&o::peers_max, endless)}},
        {"unread_bytes_max",
         {set<std::size_t>(&o::unread_bytes_max, 1048576),
          set<std::size_t>(&o::unread_bytes_max, (std::size_t{1} << 40))},
         {set<std::size_t>(&o::unread_bytes_max, 1048575),
          set<std::size_t>(&o::unread_bytes_max, (std::size_t{1} << 40) + 1),
          set<std::size_t>(&o::unread_bytes_max, endless)}},
        {"subscriptions_max",
         {set<std::size_t>(&o::subscriptions_max, 1), set<std::size_t>(&o::subscriptions_max, 10000000)},
         {set<std::size_t>(&o::subscriptions_max, 0), set<std::size_t>(&o::subscriptions_max, 10000000 + 1),
          set<std::size_t>(&o::subscriptions_max, endless)}},
        {"subscription_bytes_max",
         {set<std::size_t>(&o::subscription_bytes_max, 1), set<std::size_t>(&o::subscription_bytes_max, 1073741824)},
         {set<std::size_t>(&o::subscription_bytes_max, 0), set<std::size_t>(&o::subscription_bytes_max, 1073741824 + 1),
          set<std::size_t>(&o::subscription_bytes_max, endless)}},
    };
    for (const limits& each : table) {
        CAPTURE(each.field);
        for (const change& fine : each.fine) CHECK(with(fine));
        for (const change& refused : each.refused) {
            const auto outcome = with(refused);
            REQUIRE(outcome.failed(errc::invalid_argument));
            CHECK(std::string{outcome.error().value()}.starts_with(each.field));
        }
    }
}

TEST_CASE("the error names the value and the limits") {
    const auto outcome = with(set<std::size_t>(&socket_options::events_max, 0));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().value() == "events_max = 0");
    CHECK(std::string{outcome.error().what()}.find("give 1 to 1000000") != std::string::npos);
}

TEST_CASE("a send timeout may be anything, never and negative included") {
    CHECK(with(set<timeout>(&socket_options::send_timeout, timeout::never)));
    CHECK(with(set<timeout>(&socket_options::send_timeout, timeout{-1s})));
    CHECK(with(set<timeout>(&socket_options::send_timeout, timeout{0s})));
}
