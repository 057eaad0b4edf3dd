#include "diagnosis.hpp"

#include <nlohmann/json.hpp>
#include <algorithm>

namespace tool {

bool diagnosis::healthy() const noexcept {
    return !timed_out && std::all_of(findings.begin(), findings.end(), [](const finding& one) { return one.good; });
}

exit_status diagnosis::status() const noexcept {
    if (timed_out) return exit_timed_out;
    return healthy() ? exit_done : exit_failed;
}

std::string diagnosis::text() const {
    std::string result;
    for (const finding& one : findings) {
        result.append(one.good ? "ok     " : "wrong  ").append(one.check);
        result.append(one.check.size() < 12 ? 12 - one.check.size() : 1, ' ').append(one.text).append("\n");
    }
    return result;
}

std::string diagnosis::json() const {
    using value = nlohmann::ordered_json;
    value object{{"url", url}, {"healthy", healthy()}};
    const std::pair<const char*, const std::string*> parts[] = {
        {"address", &address}, {"version", &version}, {"mechanism", &mechanism}, {"socket_type", &socket_type}};
    for (const auto& [name, text] : parts) {
        if (!text->empty()) object[name] = *text;
    }
    if (round_trip) object["round_trip_us"] = std::chrono::ceil<std::chrono::microseconds>(*round_trip).count();
    object["findings"] = value::array();
    for (const finding& one : findings) {
        object["findings"].push_back({{"check", one.check}, {"ok", one.good}, {"text", one.text}});
    }
    return object.dump(-1, ' ', false, value::error_handler_t::replace) + "\n";
}

}  // namespace tool
