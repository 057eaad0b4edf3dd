#include "base/receipt_desk.hpp"

#include <mutex>
#include <unordered_map>

namespace godwit {

namespace detail {

namespace {

struct registry {
    std::mutex lock;
    std::uint64_t last = 0;
    std::unordered_map<std::uint64_t, std::weak_ptr<receipt_desk>> desks;
};

// Never destroyed: receipts may be asked while the process ends.
registry& all() {
    static auto* const made = new registry;
    return *made;
}

std::shared_ptr<receipt_desk> find(std::uint64_t number) {
    auto& known = all();
    const std::lock_guard hold{known.lock};
    const auto found = known.desks.find(number);
    return found == known.desks.end() ? nullptr : found->second.lock();
}

}  // namespace

std::uint64_t register_desk(std::weak_ptr<receipt_desk> desk) {
    auto& known = all();
    const std::lock_guard hold{known.lock};
    known.desks.emplace(++known.last, std::move(desk));
    return known.last;
}

void forget_desk(std::uint64_t number) noexcept {
    auto& known = all();
    const std::lock_guard hold{known.lock};
    known.desks.erase(number);
}

}  // namespace detail

result<outcome> receipt::wait(stage wanted, timeout limit) const {
    if (socket_ == 0) {
        if (wanted == stage::accepted) return outcome::accepted;
        return error{errc::unsupported, "plain socket", "stages beyond accepted need the ack_retry module"};
    }
    const auto desk = detail::find(socket_);
    if (!desk) return errc::closed;
    return desk->wait_for(at_, wanted, limit);
}

bool receipt::reached(stage wanted) const noexcept {
    if (socket_ == 0) return wanted == stage::accepted;
    const auto asked = wait(wanted, timeout{std::chrono::nanoseconds{0}});
    return asked && *asked <= outcome::processed;
}

}  // namespace godwit
