#include "core/zmq_handle.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <string>

#include "base/system_error.hpp"
#include "base/unique_fd.hpp"

namespace godwit::detail {

error zmq_error(std::string_view value, std::string_view what_failed) {
    const int number = zmq_errno();
    switch (number) {
        case EADDRINUSE:
            return {errc::address_in_use, value, "another socket listens there; close it or choose another address"};
        case EADDRNOTAVAIL:
        case ENODEV:
            return {errc::not_found, value, "that address is not one of this machine's"};
        case ETERM:
            return error{errc::closed};
        case ENOENT:
            return {errc::not_found, value, "there is no such endpoint on this socket"};
        case EINVAL:
        case EPROTONOSUPPORT:
            return {errc::invalid_endpoint, value, zmq_strerror(number)};
        default:
            return system_error(std::string{what_failed} + " " + std::string{value}, number);
    }
}

bool descriptors_to_spare() noexcept {
    unique_fd spare[12];
    for (unique_fd& one : spare) {
        one = unique_fd{::eventfd(0, EFD_CLOEXEC)};
        if (!one) return false;
    }
    return true;
}

}  // namespace godwit::detail
