// What --from says, of a journal and of a sub.
#pragma once
#include <string>

#include "godwit/journal_reader.hpp"
#include "godwit/subscription.hpp"

namespace tool {

using starting_place = decltype(godwit::journal_reading::from);

// first, last, next, an offset, a time, or a duration: so long ago. Throws a usage failure.
starting_place parse_place(const std::string& text);
godwit::subscription subscription_from(const starting_place& place);

}  // namespace tool
