#include "core/socket_inode.hpp"

#include <sys/stat.h>

namespace godwit::detail {

std::uint64_t socket_inode(int descriptor) noexcept {
    struct stat seen {};
    return ::fstat(descriptor, &seen) == 0 ? seen.st_ino : 0;
}

}  // namespace godwit::detail
