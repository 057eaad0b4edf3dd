// Whether a CURVE server takes a key for its own: a client's handshake is carried to it by hand, as far as its WELCOME,
// which only the owner of that key can answer with (rfc.zeromq.org/spec/26). libzmq tells its clients nothing of it.
#pragma once
#include "godwit/options.hpp"
#include "interruption.hpp"
#include "place.hpp"
#include "probe_line.hpp"

namespace tool {

enum class welcome { given, refused, timed_out };

// `settings` hold our keys and the server's. The server sees a connection that ends in the handshake. Throws
// godwit::error, and failure when interrupted.
welcome ask_for_welcome(const godwit::socket_options& settings, const place& server, const interruption& interrupted,
                        probe_line::clock::time_point deadline);

}  // namespace tool
