// delivery: what recv() returns: the message, its attempt number, and the right to settle it.
// On a plain socket the attempt is 1 and the settling verbs do nothing, so that a program moves between plain and
// reliable sockets unchanged. Threads: like message.
#pragma once
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "godwit/message.hpp"

namespace godwit {

class delivery {
public:
    delivery() noexcept {}  // not defaulted: that would clear what the message leaves unset
    explicit delivery(godwit::message message) noexcept : message_{std::move(message)} {}

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

    std::uint32_t attempt() const noexcept { return 1; }
    void ack() noexcept {}
    void nack(std::chrono::nanoseconds = {}) noexcept {}
    void reject(std::string_view) noexcept {}

private:
    friend struct detail::message_access;
    godwit::message message_;
};

}  // namespace godwit
