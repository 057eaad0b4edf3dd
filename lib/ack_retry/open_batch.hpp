// open_batch: the batch that gathers what is sent until it leaves: at once when a link is idle, else when a link becomes
// so; a try at each 64 KiB, and sealed in any case at 256 KiB. It decides when; its owner seals and sends.
// Threads: inside the socket's turn. No clock, no allocation for most records.
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/batch.hpp"

namespace godwit::detail {

class open_batch {
public:
    static constexpr std::size_t try_bytes = 64u << 10;
    static constexpr std::size_t seal_bytes = 256u << 10;

    enum class wish : std::uint8_t {
        none,
        leave,  // now, if a link is idle: seal(), or wait_on()
        full,   // seal it in any case; nothing was added
    };

    open_batch(stream_id stream, offset next) noexcept : builder_{stream}, next_{next} {}

    // The offset of what was added is next() before the call.
    wish add_body(bytes body) { return added(builder_.add_body(next_, body, seal_bytes)); }
    wish add(const record_parts& what) { return added(builder_.add(next_, what, seal_bytes)); }

    offset next() const noexcept { return next_; }
    void skip_to(offset next) noexcept { next_ = std::max(next_, next); }  // while it is empty
    bool empty() const noexcept { return builder_.empty(); }
    bool must_leave() const noexcept { return builder_.size_bytes() >= seal_bytes; }
    std::size_t size_bytes() const noexcept { return builder_.size_bytes(); }

    // Nothing is idle: gather further, to the next 64 KiB, or without any credit to the end.
    void wait_on(bool any_credit) noexcept {
        try_at_ = any_credit ? std::min((size_bytes() / try_bytes + 1) * try_bytes, seal_bytes) : seal_bytes;
    }
    void hurry() noexcept { try_at_ = 0; }  // a link is idle: the next record leaves at once
    batch_ref seal(wall_time now) { return builder_.seal(now); }

private:
    wish added(bool taken) noexcept {
        if (!taken) return wish::full;
        ++next_;
        return builder_.size_bytes() >= try_at_ ? wish::leave : wish::none;
    }

    batch_builder builder_;
    offset next_;
    std::size_t try_at_ = 0;
};

}  // namespace godwit::detail
