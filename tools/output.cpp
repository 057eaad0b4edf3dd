#include "output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "failure.hpp"

namespace tool {

void write_out(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            pollfd wait{STDOUT_FILENO, POLLOUT, 0};
            ::poll(&wait, 1, -1);
        } else if (errno == EPIPE) {
            throw failure{exit_failed, "standard output was closed: what was received since then is not printed"};
        } else if (errno != EINTR) {
            throw failure{exit_failed, std::string{"standard output cannot be written: "} + std::strerror(errno)};
        }
    }
}

}  // namespace tool
