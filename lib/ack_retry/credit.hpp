// credit: how many messages and bytes one sender may have in flight to us: what it was granted, what of it is out, and how
// many messages to grant: fixed, or twice what is settled in 50 ms, but enough for an application that asks for more while it
// has all of it in hand: it gathers, or has many handlers. Pure; threads: a value.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/ports.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT credit {
public:
    static constexpr std::uint32_t messages_at_start = 1024;
    static constexpr std::uint32_t messages_max = 65'536;
    static constexpr std::chrono::milliseconds period{50};
    static constexpr std::chrono::seconds least_for{1};

    // messages 0: adapts.
    credit(std::uint64_t window_bytes, std::uint32_t messages) noexcept
        : adapts_{messages == 0},
          messages_{messages == 0 ? messages_at_start : messages},
          granted_{messages_},
          bytes_{window_bytes} {}

    std::uint32_t messages() const noexcept { return messages_; }
    std::uint64_t bytes() const noexcept { return bytes_; }
    bool adapts() const noexcept { return adapts_; }
    bool differs_from_told() const noexcept { return messages_ != told_; }

    // A batch came. False: its sender had used up its credit before, so that it breaks the protocol.
    bool take(std::uint32_t messages, std::uint64_t size_bytes) noexcept {
        const bool fits = out_messages_ < granted_ && out_bytes_ < bytes_;
        out_messages_ += messages;
        out_bytes_ += size_bytes;
        return fits;
    }
    // The sender is told that these are settled.
    void told(std::uint64_t messages, std::uint64_t size_bytes) noexcept {
        out_messages_ -= std::min(messages, out_messages_);
        out_bytes_ -= std::min(size_bytes, out_bytes_);
    }
    // The window goes out. What was granted once may be on its way for ever: it counts until the session ends.
    void grant() noexcept {
        granted_ = std::max(granted_, messages_);
        told_ = messages_;
    }

    void settled(std::uint32_t messages) noexcept { settled_ += messages; }
    // A sender fills up no last quarter with pieces of batches.
    bool is_used_up() const noexcept { return 4 * out_messages_ >= 3 * std::uint64_t{messages_}; }
    // Adapts if a period is over. `waiting`: something waited to be handed out, so that we are what limits. `starving`: the
    // application has asked for more, and there was nothing.
    void look(steady_time now, bool waiting, bool starving = false) noexcept;

private:
    bool adapts_;
    std::uint32_t messages_;
    std::uint32_t granted_;
    std::uint32_t told_ = messages_;
    std::uint64_t bytes_;
    std::uint64_t out_messages_ = 0, out_bytes_ = 0;
    std::uint64_t settled_ = 0;  // in this period
    steady_time since_{};
    std::uint32_t least_ = 1;  // what was in hand at once; halved each second that it was not needed
    steady_time least_since_{};
};

}  // namespace godwit::detail
