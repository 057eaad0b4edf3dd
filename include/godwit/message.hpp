// A message: topic, key, headers and body, immutable once made.
// Copies share the bytes: a copy costs a reference count, and bodies of up to 56 bytes are copied instead. Only the
// first copy of a message that was received or taken over may need memory, and throw std::bad_alloc.
// Threads: like std::shared_ptr<const T>: one object is not to be written while another thread reads it; copies are
// independent, and copying one const message from several threads at once is safe.
// A received message may pin the receive buffer that it arrived in (8 KiB and more): keep detached() for long.
// The frames that a message becomes on a plain socket: docs/plain_mapping.md.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "godwit/codec.hpp"
#include "godwit/export.hpp"
#include "godwit/result.hpp"

namespace godwit {

using bytes = std::span<const std::byte>;

inline bytes as_bytes(std::string_view text) noexcept { return std::as_bytes(std::span{text.data(), text.size()}); }
inline std::string_view as_text(bytes data) noexcept {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

struct header {
    std::string_view name;
    std::string_view value;
};

// What a message is made from; every view is copied by message::make.
struct message_parts {
    std::string_view topic = {};
    std::string_view key = {};
    std::vector<header> headers = {};
    bytes body = {};
};

namespace detail {
struct block;         // shared, reference-counted memory: lib/base/block.hpp
struct frame_holder;  // how memory that a carrier lent is given back
struct message_access;
}  // namespace detail

class GODWIT_EXPORT message {
public:
    message() noexcept {}  // one empty body
    explicit message(std::string_view body) : message{as_bytes(body)} {}
    explicit message(const char* body) : message{std::string_view{body}} {}
    explicit message(bytes body) {  // copies; throws std::bad_alloc
        body.size() <= inline_bytes_max ? copy_inline(body) : copy_shared(body);
    }

    // Limits: 64 headers; topic, key and each header's name up to 64 KiB. Fails with `too_large`, `no_resources`.
    static result<message> make(const message_parts& parts);
    // Takes the buffer without copying. `give_back` runs once, on whichever thread lets go last: it may be one of the
    // library's, in the middle of its work, so that it must not throw, block, or call into the library.
    // Throws std::bad_alloc, and does not run it then.
    static message take(const void* data, std::size_t size, std::function<void()> give_back);
    // A message of exactly these frames, for peers with a framing of their own. Fails with `too_large` above 132, with
    // `invalid_argument` for none, with `no_resources`.
    static result<message> from_frames(std::span<const bytes> frames);

    message(const message& other) : message{} { share(other); }
    message(message&& other) noexcept { relocate(other); }
    message& operator=(const message& other) { return *this = message{other}; }
    message& operator=(message&& other) noexcept {
        if (this != &other) owns_memory() ? replace(other) : relocate(other);
        return *this;
    }
    ~message() {
        if (owns_memory()) give_back();
    }

    // All views live as long as this message or a copy of it of more than 56 bytes; moving may move small bodies.
    bytes body() const noexcept { return {data_, size_}; }
    std::string_view text() const noexcept { return as_text(body()); }
    std::string_view topic() const noexcept;
    std::string_view key() const noexcept;
    std::size_t header_count() const noexcept;
    header header_at(std::size_t index) const noexcept;                   // index < header_count()
    std::string_view header_value(std::string_view name) const noexcept;  // of the first such header; empty if none

    std::size_t frame_count() const noexcept;
    bytes frame(std::size_t index) const noexcept;  // index < frame_count()
    std::size_t size_bytes() const noexcept;        // all frames together

    message detached() const;  // a deep copy that pins nothing else
    template <class T>
    result<T> as() const {  // `malformed` if the body is no T
        return codec<T>::decode(body());
    }

private:
    friend struct detail::message_access;

    static constexpr std::size_t inline_bytes_max = 56;
    static constexpr std::size_t storage_bytes = 64;

    bool owns_memory() const noexcept {
        return holder_ != nullptr || block_.load(std::memory_order_relaxed) != nullptr;
    }
    void copy_inline(bytes body) noexcept {
        if (!body.empty()) std::memcpy(storage_, body.data(), body.size());
        data_ = storage_;
        size_ = body.size();
    }
    // What of storage_ is unset is copied with it, unread: the compiler cannot see that.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
    // Takes everything from `other` and leaves it empty; what this held must be gone.
    void relocate(message& other) noexcept {
        const bool is_inline = other.data_ == other.storage_;
        if (is_inline || other.holder_ != nullptr) std::memcpy(storage_, other.storage_, storage_bytes);
        data_ = is_inline ? storage_ : other.data_;
        size_ = other.size_;
        holder_ = other.holder_;
        block_.store(other.block_.load(std::memory_order_relaxed), std::memory_order_relaxed);
        other.data_ = nullptr;
        other.size_ = 0;
        other.holder_ = nullptr;
        other.block_.store(nullptr, std::memory_order_relaxed);
    }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
    void copy_shared(bytes body);
    void share(const message& other);
    void replace(message& other) noexcept;
    void give_back() noexcept;

    const std::byte* data_ = nullptr;  // the body; inside storage_ when small
    std::size_t size_ = 0;
    mutable std::atomic<detail::block*> block_{nullptr};  // shared memory, or what took storage_'s memory over
    const detail::frame_holder* holder_ = nullptr;        // set: storage_ holds memory that a carrier lent
    alignas(8) std::byte storage_[storage_bytes];
};

}  // namespace godwit
