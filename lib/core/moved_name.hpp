// moved_name: what becomes of a dialled name when it has been looked up again. Pure.
#pragma once
#include <string>

#include "base/endpoint.hpp"
#include "godwit/options.hpp"

namespace godwit::detail {

// What leaves this machine unencrypted needs a word in the code: `insecure`.
GODWIT_EXPORT status check_secure(const endpoint& where, bool on_this_machine, const socket_options& options);

struct moved_name {
    enum class verdict { stays, moves, forbidden };
    verdict what = verdict::stays;
    std::string numeric = {};  // where it is now, if it is elsewhere
};

// `dialled` is where it was, as libzmq spells it; `number` what its host is now, "" if it does not resolve.
GODWIT_EXPORT moved_name judge_moved(endpoint name, const std::string& dialled, const std::string& number,
                                     const socket_options& options);

}  // namespace godwit::detail
