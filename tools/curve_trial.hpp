// What lies behind a peer's CURVE: asked by real sockets, of patterns that take no message from it.
#pragma once
#include "diagnosis.hpp"
#include "interruption.hpp"
#include "options.hpp"
#include "place.hpp"
#include "probe_line.hpp"

namespace tool {

// Throws failure for a key file, godwit::error.
void try_curve(const options& options, const place& where, const interruption& interrupted,
               probe_line::clock::time_point deadline, diagnosis& told);

}  // namespace tool
