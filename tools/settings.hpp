// What the command line says about sockets, as the library's options: key files are read here.
#pragma once
#include "godwit/options.hpp"
#include "options.hpp"

namespace tool {

// Throws failure with the file and what is wrong with it.
godwit::socket_options settings_of(const options& options);

}  // namespace tool
