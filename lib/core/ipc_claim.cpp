#include "core/ipc_claim.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/system_error.hpp"

namespace godwit::detail {

namespace {

enum class occupant { nobody, dead, alive, not_a_socket, unknown };

occupant who_is_at(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT ? occupant::nobody : occupant::unknown;
    if (!S_ISSOCK(found.st_mode)) return occupant::not_a_socket;
    const unique_fd probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!probe) return occupant::unknown;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::connect(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN) {
        return occupant::alive;
    }
    return errno == ECONNREFUSED ? occupant::dead : occupant::unknown;
}

error in_use(const std::string& path) {
    return {errc::address_in_use, "ipc://" + path, "another socket listens there; close it or choose another path"};
}

}  // namespace

result<ipc_claim> ipc_claim::make(const std::string& path) {
    const std::string lock_path = path + ".lock";
    unique_fd lock{::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)};
    if (!lock) return system_error("cannot open the lock file " + lock_path, errno);
    while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return in_use(path);
        if (errno != EINTR) return system_error("cannot lock " + lock_path, errno);
    }
    switch (who_is_at(path)) {
        case occupant::nobody:
            break;
        case occupant::dead:
            ::unlink(path.c_str());
            break;
        case occupant::alive:
            return in_use(path);
        case occupant::not_a_socket:
            return error{errc::invalid_endpoint, "ipc://" + path,
                         "there is a file that is no socket: move it away first"};
        case occupant::unknown:
            return system_error("cannot see who listens at ipc://" + path, errno);
    }
    return ipc_claim{path, std::move(lock)};
}

void ipc_claim::bound() {
    struct stat found {};
    if (::lstat(path_.c_str(), &found) != 0) return;
    device_ = found.st_dev;
    inode_ = found.st_ino;
}

bool ipc_claim::stolen() const {
    struct stat found {};
    if (::lstat(path_.c_str(), &found) != 0) return errno == ENOENT;
    return found.st_dev != device_ || found.st_ino != inode_;
}

void ipc_claim::release() {
    if (inode_ != 0 && !stolen()) ::unlink(path_.c_str());
    // Said aloud: a child that was forked may hold the same descriptor.
    if (lock_) ::flock(lock_.get(), LOCK_UN);
    lock_.reset();
}

}  // namespace godwit::detail
