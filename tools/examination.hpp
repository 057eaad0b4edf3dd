// What a peer says of itself on a fresh connection, up to its READY: our own is never sent.
#pragma once
#include "diagnosis.hpp"
#include "interruption.hpp"
#include "options.hpp"
#include "place.hpp"
#include "probe_line.hpp"

namespace tool {

enum class next_step { none, curve };

// `line` is connected to `where`. curve: the peer speaks it, and there are keys to try.
next_step examine_peer(const options& options, probe_line& line, const place& where, const interruption& interrupted,
                       probe_line::clock::time_point deadline, diagnosis& told);

}  // namespace tool
