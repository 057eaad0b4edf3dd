// ipc_claim: the right to listen at an ipc path. A lock file beside the path (PATH.lock, kept and never unlinked) tells
// our own kind apart; whether a raw peer listens there is found out by connecting. A dead owner's socket is removed.
// Threads: single-owner.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/unique_fd.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

class GODWIT_EXPORT ipc_claim {
public:
    // `address_in_use`, `io`, `no_resources`, `invalid_endpoint` (there is a file at the path that is no socket).
    static result<ipc_claim> make(const std::string& path);

    ipc_claim(ipc_claim&&) noexcept = default;
    ipc_claim& operator=(ipc_claim&&) noexcept = default;

    void bound();         // remembers the socket that now is at the path as ours
    bool stolen() const;  // the path leads to another socket, or to none
    void release();       // unlinks the path if it is still ours, and the lock

private:
    ipc_claim(std::string path, unique_fd lock) : path_{std::move(path)}, lock_{std::move(lock)} {}

    std::string path_;
    unique_fd lock_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace godwit::detail
