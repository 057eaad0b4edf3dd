// Writing to standard output, whatever it is.
#pragma once
#include <string_view>

namespace tool {

void write_out(std::string_view bytes);  // all of it; throws failure if standard output takes no more

}  // namespace tool
