// What rights say about one peer, by its pattern: pure. Threads: stateless.
#pragma once
#include <string_view>

#include "base/pattern.hpp"
#include "godwit/access_list.hpp"

namespace godwit::detail {

GODWIT_EXPORT status check_rights(const rights& may);                                       // `too_large`
GODWIT_EXPORT const rights::topics* topics_of(const rights& may, pattern theirs) noexcept;  // pull, rep: none
// Whether a peer of that pattern may shake hands; send under a topic or, a sub, subscribe to a prefix.
GODWIT_EXPORT bool may_come(const rights& may, pattern theirs) noexcept;
GODWIT_EXPORT bool may_speak(const rights& may, pattern theirs, std::string_view topic) noexcept;

}  // namespace godwit::detail
