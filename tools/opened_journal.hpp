// opened_journal: the journal that a verb writes to. Blocks. Fails as godwit::journal::open() does, by a throw.
#pragma once
#include "godwit/journal.hpp"
#include "options.hpp"

namespace tool {

// On whatever file system it stands: where a sync promises nothing there, a line on standard error says so.
godwit::journal opened_journal(const options& options);

}  // namespace tool
