// epoll_error: what epoll_ctl failed with, as one of our errors.
#pragma once
#include <cerrno>

#include "base/system_error.hpp"

namespace godwit::detail {

inline error epoll_error(int number) {
    if (number != ENOSPC) return system_error("epoll_ctl", number);
    return {errc::no_resources, "epoll_ctl", "the user has too many epoll watches; raise fs.epoll.max_user_watches"};
}

}  // namespace godwit::detail
