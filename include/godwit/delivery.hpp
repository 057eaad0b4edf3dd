// delivery: what recv() returns: the message, its attempt number, and the right to settle it.
// On a plain socket the attempt is 1 and the settling verbs do nothing, so that a program moves between plain and
// reliable sockets unchanged. Move-only: the right to settle is one. Unsettled when it is destroyed, it is nacked.
// Settling returns nothing: a stale settlement is counted (delivery_stats). It may come after the socket was closed, and
// does nothing then. Threads: like message; settling takes the socket's turn for a moment.
#pragma once
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "godwit/message.hpp"
#include "godwit/stream.hpp"

namespace godwit {

namespace detail {
struct delivery_access;
struct held_batch;
enum class verdict : std::uint8_t { ack, nack, reject, extend, abandon };
}  // namespace detail

class GODWIT_EXPORT delivery {
public:
    delivery() noexcept {}  // not defaulted: that would clear what the message leaves unset
    explicit delivery(godwit::message message) noexcept : message_{std::move(message)} {}
    delivery(delivery&& other) noexcept
        : message_{std::move(other.message_)},
          held_{std::exchange(other.held_, nullptr)},
          at_{other.at_},
          attempt_{other.attempt_} {}
    delivery& operator=(delivery&& other) noexcept {
        if (this != &other) {
            if (held_ != nullptr) settle(detail::verdict::nack, {}, {});
            message_ = std::move(other.message_);
            held_ = std::exchange(other.held_, nullptr);
            at_ = other.at_;
            attempt_ = other.attempt_;
        }
        return *this;
    }
    ~delivery() {
        if (held_ != nullptr) settle(detail::verdict::nack, {}, {});
    }

    const godwit::message& message() const& noexcept { return message_; }
    godwit::message message() && noexcept { return std::move(message_); }  // to keep or to forward without copying

    bytes body() const noexcept { return message_.body(); }
    std::string_view text() const noexcept { return message_.text(); }
    std::string_view topic() const noexcept { return message_.topic(); }
    std::string_view key() const noexcept { return message_.key(); }
    std::string_view header_value(std::string_view name) const noexcept { return message_.header_value(name); }
    template <class T>
    result<T> as() const {
        return message_.as<T>();
    }

    // The record's identity; of a plain socket empty and 0.
    stream_id stream() const noexcept;
    offset at() const noexcept { return at_; }
    std::uint32_t attempt() const noexcept { return attempt_; }  // 1: the first; not a proof that none came before

    bool settled() const noexcept { return held_ == nullptr; }
    void ack() noexcept {
        if (held_ != nullptr) settle(detail::verdict::ack, {}, {});
    }
    // Not done: another attempt, after `delay`, or after the back-off if that is longer.
    void nack(std::chrono::nanoseconds delay = {}) noexcept {
        if (held_ != nullptr) settle(detail::verdict::nack, delay, {});
    }
    // Never to be attempted again: a dead letter with these words (at most 1,024 bytes are kept).
    void reject(std::string_view why) noexcept {
        if (held_ != nullptr) settle(detail::verdict::reject, {}, why);
    }
    // The handler may take so much longer, from now.
    void extend(std::chrono::nanoseconds by) noexcept;

private:
    friend struct detail::message_access;
    friend struct detail::delivery_access;
    void settle(detail::verdict what, std::chrono::nanoseconds delay, std::string_view why) noexcept;

    godwit::message message_;
    detail::held_batch* held_ = nullptr;  // set: unsettled, and counted so in the batch, which keeps it alive
    offset at_ = 0;
    std::uint32_t attempt_ = 1;
};

namespace detail {
// The door for protocols to a delivery's inside.
struct delivery_access {
    // The message has a reference of the batch; the right to settle is counted in held->unsettled.
    static void fill(delivery& out, godwit::message&& content, held_batch* held, offset at,
                     std::uint32_t attempt) noexcept {
        out = delivery{std::move(content)};
        out.held_ = held;
        out.at_ = at;
        out.attempt_ = attempt;
    }
    static held_batch* held(const delivery& of) noexcept { return of.held_; }
    // Gives up the right to settle without settling.
    static held_batch* take(delivery& of) noexcept { return std::exchange(of.held_, nullptr); }
};
}  // namespace detail

}  // namespace godwit
