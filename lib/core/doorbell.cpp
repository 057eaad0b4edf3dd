#include "core/doorbell.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/system_error.hpp"

namespace godwit::detail {

result<std::shared_ptr<doorbell>> doorbell::make() {
    unique_fd event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!event) return system_error("eventfd", errno);
    return std::make_shared<doorbell>(std::move(event));
}

void doorbell::disarm(bool rang) noexcept {
    armed_.store(false, std::memory_order_relaxed);
    if (!rang) return;
    rang_.store(false, std::memory_order_relaxed);
    std::uint64_t rings = 0;
    while (::read(event_.get(), &rings, sizeof rings) < 0 && errno == EINTR) {}
}

void doorbell::wake() noexcept {
    if (armed_.exchange(false, std::memory_order_acq_rel)) ring_always();
}

void doorbell::ring_always() noexcept {
    const std::uint64_t one = 1;
    while (::write(event_.get(), &one, sizeof one) < 0 && errno == EINTR) {}
    rang_.store(true, std::memory_order_relaxed);  // last: who sees it finds something to read
}

}  // namespace godwit::detail
