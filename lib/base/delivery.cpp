#include "godwit/delivery.hpp"

#include "base/held_batch.hpp"

namespace godwit {

stream_id delivery::stream() const noexcept { return held_ != nullptr ? held_->batch.view.stream() : stream_id{}; }

void delivery::settle(detail::verdict what, std::chrono::nanoseconds delay, std::string_view why) noexcept {
    detail::held_batch* const held = std::exchange(held_, nullptr);
    held->home->settle({held, at_, attempt_, what, delay, why});
}

void delivery::extend(std::chrono::nanoseconds by) noexcept {
    if (held_ != nullptr) held_->home->settle({held_, at_, attempt_, detail::verdict::extend, by, {}});
}

}  // namespace godwit
