#include "core/ipc_path.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace godwit::detail {

status check_ipc_directory(const std::string& path) {
    const std::filesystem::path whole{path};
    const std::string directory = whole.has_parent_path() ? whole.parent_path().native() : ".";
    struct stat found {};
    if (::stat(directory.c_str(), &found) != 0) return {};  // to bind will say what is wrong
    if ((found.st_mode & S_IWOTH) == 0 || (found.st_mode & S_ISVTX) != 0) return {};
    return error{errc::insecure, "ipc://" + path,
                 "anybody may replace what is in " + directory + ": chmod o-w it, or +t, or give keys"};
}

status check_ipc_owner(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0 || found.st_uid == ::geteuid() || found.st_uid == 0) return {};
    return error{errc::insecure, "ipc://" + path,
                 "it belongs to another user, uid " + std::to_string(found.st_uid) +
                     "; to allow that, give keys, or socket_options{.any_user = true}"};
}

}  // namespace godwit::detail
