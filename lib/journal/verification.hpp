// verification: see godwit/journal_verification.hpp; of a directory that is open. Threads: one at a time. Blocks on files.
#pragma once
#include "base/directory.hpp"
#include "godwit/journal_verification.hpp"

namespace godwit::detail {

GODWIT_EXPORT result<journal_verification> verify(directory& in, const journal_verification_options& how);

}  // namespace godwit::detail
