// What the options of a verb have to say together.
#pragma once
#include <string>

#include "options.hpp"

namespace tool {

// Throws failure (exit_usage) with a sentence that names the option that is missing.
void check_options(const options& options, const std::string& verb);

}  // namespace tool
