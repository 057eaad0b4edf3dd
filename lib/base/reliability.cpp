#include "godwit/reliability.hpp"

namespace godwit {

std::string_view name(outcome what) noexcept {
    constexpr std::string_view names[] = {"accepted", "stored",  "durable", "received", "processed",
                                          "expired",  "refused", "dead",    "unknown"};
    return names[static_cast<std::size_t>(what)];
}

std::string_view name(dead_reason why) noexcept {
    constexpr std::string_view names[] = {"attempts", "expired", "refused"};
    return names[static_cast<std::size_t>(why)];
}

}  // namespace godwit
