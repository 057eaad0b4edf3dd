// ipc_path: whether an ipc path is safe from other users of this machine, where no keys protect what goes over it.
// Threads: stateless. Works on files.
#pragma once
#include <string>

#include "godwit/export.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

// To bind: `insecure` if anybody may replace what is in its directory.
GODWIT_EXPORT status check_ipc_directory(const std::string& path);
// To connect: `insecure` if what is there is another user's. ok if nothing is there yet.
GODWIT_EXPORT status check_ipc_owner(const std::string& path);

}  // namespace godwit::detail
