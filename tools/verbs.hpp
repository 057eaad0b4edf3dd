// The verbs of the command, one file each. Each returns when its work is done or it was interrupted with nothing lost,
// and throws failure or godwit::error otherwise.
#pragma once
#include "failure.hpp"
#include "interruption.hpp"
#include "options.hpp"

namespace tool {

void push(const options& options, interruption& interrupted);
void pull(const options& options, interruption& interrupted);
void pub(const options& options, interruption& interrupted);
void sub(const options& options, interruption& interrupted);
void req(const options& options, interruption& interrupted);
void rep(const options& options, interruption& interrupted);
void process(const options& options, interruption& interrupted);
void keygen(const options& options, interruption& interrupted);
exit_status doctor(const options& options, interruption& interrupted);  // what it found is on standard output

template <auto verb>
exit_status ended_well(const options& options, interruption& interrupted) {
    verb(options, interrupted);
    return exit_done;
}

}  // namespace tool
