// The verbs of `godwit journal` as the command line knows them. A new one is a function there, and a row in its table.
#pragma once
#include "verb_declarations.hpp"

namespace tool {

// As declare_verbs().
std::vector<verb_declaration> declare_journal_verbs(CLI::App& journal, options& into);

}  // namespace tool
