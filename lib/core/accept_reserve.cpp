#include "core/accept_reserve.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/system_error.hpp"

namespace godwit::detail {

result<std::shared_ptr<accept_reserve>> accept_reserve::make() {
    unique_fd all[3];
    for (unique_fd& one : all) {
        one = unique_fd{::eventfd(0, EFD_CLOEXEC)};
        if (!one) return system_error("eventfd", errno);
    }
    return std::make_shared<accept_reserve>(std::move(all[0]), std::move(all[1]), std::move(all[2]));
}

bool accept_reserve::take_back() noexcept {
    if (!gate_) gate_ = unique_fd{::fcntl(blank_.get(), F_DUPFD_CLOEXEC, 3)};
    return complete();
}

// A number that is taken can be made to mean something else even when none is left.
void accept_reserve::end_link(int original) noexcept {
    if (original < 0 || ::dup3(original, place_.get(), O_CLOEXEC) < 0) return;
    ::shutdown(place_.get(), SHUT_RDWR);
    ::dup3(blank_.get(), place_.get(), O_CLOEXEC);
}

}  // namespace godwit::detail
