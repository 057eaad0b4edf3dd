// What every verb does at its beginning and at its end: binding and connecting as the command line says, and closing.
#pragma once
#include "godwit/socket.hpp"
#include "options.hpp"

namespace tool {

// Binds and connects, in that order. What the system chose for a * in a URL is said on standard error.
// Throws godwit::error.
void open(godwit::socket& socket, const options& options);

// Lets what is unsent go out, at most for the linger time; throws failure if something could not be delivered.
void finish(godwit::socket& socket, const options& options);

}  // namespace tool
