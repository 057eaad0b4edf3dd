// A JSON object as a line of output.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace tool {

using json = nlohmann::ordered_json;

// A name that is no text is shown with replacement characters.
inline std::string line_of(const json& object) {
    return object.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

}  // namespace tool
