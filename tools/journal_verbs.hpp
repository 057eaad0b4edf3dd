// The verbs of `godwit journal`, which work on a directory without any peer. Each as verbs.hpp says.
#pragma once
#include "verbs.hpp"

namespace tool {

void journal_ls(const options& options, interruption& interrupted);
void journal_cat(const options& options, interruption& interrupted);
void journal_tail(const options& options, interruption& interrupted);
void journal_dead(const options& options, interruption& interrupted);
void journal_requeue(const options& options, interruption& interrupted);
void journal_snapshot(const options& options, interruption& interrupted);
void journal_adopt(const options& options, interruption& interrupted);
exit_status journal_repair(const options& options, interruption& interrupted);  // 1: something is lost
exit_status journal_verify(const options& options, interruption& interrupted);  // what it found is on standard output

}  // namespace tool
