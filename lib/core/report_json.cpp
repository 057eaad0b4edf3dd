#include <nlohmann/json.hpp>
#include <array>
#include <cstdio>
#include <ctime>

#include "core/report_counters.hpp"
#include "godwit/report.hpp"

namespace godwit {

namespace {

using json = nlohmann::ordered_json;

std::string rfc_3339(std::chrono::system_clock::time_point when) {
    using namespace std::chrono;
    const auto whole = floor<seconds>(when);
    const auto micros = static_cast<unsigned>(duration_cast<microseconds>(when - whole).count());
    const std::time_t time = system_clock::to_time_t(whole);
    std::tm utc{};
    if (::gmtime_r(&time, &utc) == nullptr) return {};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06uZ", utc.tm_year + 1900, utc.tm_mon + 1,
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, micros);
    return text.data();
}

json value_of(const peer& one) {
    return {{"id", one.id}, {"endpoint", one.endpoint}, {"address", one.address}, {"since", rfc_3339(one.since)}};
}

json value_of(const socket_stats& stats) {
    json object = json::object();
    for (const detail::reported_counter& each : detail::reported_counters) {
        object[std::string{each.name}] = stats.*each.value;
    }
    return object;
}

json value_of(const delivery_stats& stats) {
    json object = json::object();
    for (const detail::delivery_counter& each : detail::delivery_counters) {
        object[std::string{each.name}] = stats.*each.value;
    }
    return object;
}

json value_of(const socket_report& report) {
    json peers = json::array();
    for (const peer& one : report.peers) peers.push_back(value_of(one));
    json all{{"name", report.name},
             {"pattern", report.pattern},
             {"endpoints", report.endpoints},
             {"stats", value_of(report.stats)},
             {"peers", std::move(peers)}};
    if (report.delivery) all["delivery"] = value_of(*report.delivery);
    return all;
}

json value_of(const context_report& report) {
    json sockets = json::array();
    for (const socket_report& one : report.sockets) sockets.push_back(value_of(one));
    return {{"sockets", std::move(sockets)}};
}

json value_of(const event& happened) {
    return {{"kind", name(happened.kind)},
            {"peer_id", happened.peer_id},
            {"endpoint", happened.endpoint},
            {"detail", happened.detail},
            {"when", rfc_3339(happened.when)}};
}

std::string line_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string to_json(const context_report& report) { return line_of(value_of(report)); }
std::string to_json(const socket_report& report) { return line_of(value_of(report)); }
std::string to_json(const event& happened) { return line_of(value_of(happened)); }

}  // namespace godwit
