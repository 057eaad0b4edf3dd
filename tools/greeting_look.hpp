// What a peer's first bytes tell: whether it is ZMTP at all, of which version, and its mechanism.
#pragma once
#include "diagnosis.hpp"
#include "interruption.hpp"
#include "place.hpp"
#include "probe_line.hpp"

namespace tool {

// `line` is connected to `where`. True: a ZMTP 3 greeting has come, and of ours all up to our mechanism has gone.
bool look_at_greeting(probe_line& line, const place& where, const interruption& interrupted,
                      probe_line::clock::time_point deadline, diagnosis& told);

}  // namespace tool
