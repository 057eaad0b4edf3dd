// What every verb does at its beginning and at its end: binding and connecting as the command line says, and closing.
#pragma once
#include <chrono>

#include "godwit/socket.hpp"
#include "interruption.hpp"
#include "options.hpp"

namespace tool {

// Binds and connects, in that order. What the system chose for a * in a URL is said on standard error.
// Throws godwit::error.
void open(godwit::socket& socket, const options& options);

// Lets what is unsent go out, at most until then; throws failure if something could not be delivered, or, of a reliable
// socket, settled, or was settled as a dead letter.
void finish(godwit::socket& socket, const options& options, std::chrono::steady_clock::time_point deadline);
std::chrono::steady_clock::time_point end_of_linger(const options& options);  // from now on
// At most --linger. Of what a journal keeps nothing is lost if it takes longer, but who waits for the command wants to know.
void wait_until_settled(const godwit::socket& out, const options& options, const interruption& interrupted);

inline void finish(godwit::socket& socket, const options& options) { finish(socket, options, end_of_linger(options)); }

}  // namespace tool
