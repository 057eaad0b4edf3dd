// What every verb does at its beginning and at its end: binding and connecting as the command line says, and closing.
#pragma once
#include <chrono>

#include "godwit/socket.hpp"
#include "options.hpp"

namespace tool {

// Binds and connects, in that order. What the system chose for a * in a URL is said on standard error.
// Throws godwit::error.
void open(godwit::socket& socket, const options& options);

// Lets what is unsent go out, at most until then; throws failure if something could not be delivered, or, of a reliable
// socket, settled, or was settled as a dead letter.
void finish(godwit::socket& socket, const options& options, std::chrono::steady_clock::time_point deadline);
std::chrono::steady_clock::time_point end_of_linger(const options& options);  // from now on

inline void finish(godwit::socket& socket, const options& options) { finish(socket, options, end_of_linger(options)); }

}  // namespace tool
