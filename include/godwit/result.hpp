// result<T>: a value, or an error from a closed list that names the offending value and says what to do.
// Every fallible call of the library returns one; value() throws the error for those who like exceptions.
// Threads: a value type, like std::string. Nothing here blocks.
#pragma once
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "godwit/export.hpp"

namespace godwit {

// The closed list. Numbers never change; new codes go to the end.
enum class errc : std::uint16_t {
    invalid_argument = 1,  // a value that can never be right here
    invalid_endpoint,      // a URL that does not parse, or names what cannot be bound or connected to
    insecure,              // what others could listen to, change or steal, and nobody has said that they may
    address_in_use,        // somebody listens there already
    not_found,             // no such endpoint, name, host or interface
    too_large,             // above a limit in bytes or in number
    too_late,              // an option set after the first bind or connect
    timed_out,             // the deadline came first; nothing was taken
    cancelled,             // the stop token was triggered first; nothing was taken
    closed,                // the socket or its context was closed
    forked,                // a handle made before fork() was used in the child
    unsupported,           // this socket, with these modules, cannot do that
    unreachable,           // the peer that this was meant for is gone
    malformed,             // bytes that do not decode
    no_resources,          // the process or the system is out of descriptors, memory or threads
    io,                    // any other error of the operating system; the value holds its words
    already_exists,        // a file that would be overwritten
    full,                  // a log has reached its limit in bytes
    gap,                   // records that are gone: the value names the first and the last
    mismatch,              // the other side speaks, but not this: another protocol version, pattern or set of modules
    fenced,                // a newer incarnation has taken this one's place
    conflict,              // one identity with two contents
    would_deadlock,        // waiting, in a callback, for what only that callback's return can bring
    expired,               // its time to live or its deadline ended first
    refused,               // a handler rejected it
    unknown,               // it may have happened or not
    locked,                // another process, or another part of this one, has it open to write
    corrupt,               // what was written and confirmed is damaged; the value says where
};

// The name of a code, as it is spelled above.
GODWIT_EXPORT std::string_view name(errc code) noexcept;

class GODWIT_EXPORT error : public std::exception {
public:
    explicit error(errc code) noexcept : code_{code} {}
    // `value` is what offended, `advice` what to do about it. Without memory for the text, the code alone is kept.
    error(errc code, std::string_view value, std::string_view advice = {}) noexcept;
    error(const error&) noexcept;
    error(error&&) noexcept;
    error& operator=(const error&) noexcept;
    error& operator=(error&&) noexcept;
    ~error() override;

    errc code() const noexcept { return code_; }
    // Cut at 200 bytes, control characters and non-UTF-8 as \xNN; empty when there is none; lives as long as any copy.
    std::string_view value() const noexcept;
    // One line, no newline at its end: "name: value: advice", or the code's sentence where there is no advice.
    const char* what() const noexcept override;

private:
    struct detail;
    errc code_;
    std::shared_ptr<const detail> detail_;
};

namespace detail {
[[noreturn]] GODWIT_EXPORT void throw_error(const error& failure);
[[noreturn]] GODWIT_EXPORT void throw_no_error();

// What a result<T> may be made of besides its T and its errors. A pointer is no bool.
template <class U, class T>
concept converts_to_value =
    !std::is_same_v<std::remove_cvref_t<U>, error> && !std::is_same_v<std::remove_cvref_t<U>, errc> &&
    !std::is_same_v<std::remove_cvref_t<U>, std::in_place_t> && std::is_convertible_v<U, T> &&
    (!std::is_same_v<T, bool> || std::is_same_v<std::remove_cvref_t<U>, bool>);
}  // namespace detail

// A value or an error. Reading the wrong side throws: the error itself, or std::logic_error from error().
template <class T>
class [[nodiscard]] result {
    static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T>);
    static constexpr bool moves_safely = std::is_nothrow_move_constructible_v<T>;

public:
    using value_type = T;

    template <class U = T>
    requires(!std::is_same_v<std::remove_cvref_t<U>, result>) &&
        detail::converts_to_value<U, T> result(U&& value) noexcept(std::is_nothrow_constructible_v<T, U>)
        : value_(std::forward<U>(value)),
    ok_{true} {}
    result(godwit::error failure) noexcept : error_(std::move(failure)), ok_{false} {}
    result(errc code) noexcept : error_(code), ok_{false} {}
    template <class... Args>
    explicit result(std::in_place_t, Args&&... args) : value_(std::forward<Args>(args)...), ok_{true} {}

    result(const result& other) requires std::is_copy_constructible_v<T> : ok_{other.ok_} {
        other.ok_ ? build(other.value_) : build(other.error_);
    }
    result(result&& other) noexcept(moves_safely) : ok_{other.ok_} { build_from(other); }
    result& operator=(const result& other) requires std::is_copy_constructible_v<T> { return *this = result{other}; }
    result& operator=(result&& other) noexcept(moves_safely) {
        if (this == &other) return *this;
        destroy();
        if constexpr (moves_safely) {
            build_from(other);
        } else {
            try {
                build_from(other);
            } catch (...) {
                build(godwit::error{errc::no_resources});
                ok_ = false;
                throw;
            }
        }
        ok_ = other.ok_;
        return *this;
    }
    ~result() { destroy(); }

    explicit operator bool() const noexcept { return ok_; }
    bool has_value() const noexcept { return ok_; }

    // On a temporary they return the value itself, so that nothing can refer to what is gone.
    T& value() & { return check(), value_; }
    const T& value() const& { return check(), value_; }
    T value() && { return check(), std::move(value_); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    template <class U>
    T value_or(U&& other) const& {
        return ok_ ? value_ : static_cast<T>(std::forward<U>(other));
    }
    template <class U>
    T value_or(U&& other) && {
        return ok_ ? std::move(value_) : static_cast<T>(std::forward<U>(other));
    }

    const godwit::error& error() const& { return check_not(), error_; }
    godwit::error error() && { return check_not(), std::move(error_); }
    bool failed(errc code) const noexcept { return !ok_ && error_.code() == code; }

private:
    template <class U>
    void build(U&& value) noexcept(std::is_nothrow_constructible_v<T, U>) {
        if constexpr (std::is_same_v<std::remove_cvref_t<U>, godwit::error>) {
            std::construct_at(&error_, std::forward<U>(value));
        } else {
            std::construct_at(&value_, std::forward<U>(value));
        }
    }
    void build_from(result& other) noexcept(moves_safely) {
        other.ok_ ? build(std::move(other.value_)) : build(std::move(other.error_));
    }
    void destroy() noexcept { ok_ ? std::destroy_at(&value_) : std::destroy_at(&error_); }
    void check() const {
        if (!ok_) [[unlikely]]
            detail::throw_error(error_);
    }
    void check_not() const {
        if (ok_) [[unlikely]]
            detail::throw_no_error();
    }

    union {
        T value_;
        godwit::error error_;
    };
    bool ok_;
};

template <>
class [[nodiscard]] result<void> {
public:
    result() noexcept = default;
    result(godwit::error failure) noexcept : error_{std::move(failure)} {}
    result(errc code) noexcept : error_{code} {}

    explicit operator bool() const noexcept { return !error_.has_value(); }
    bool has_value() const noexcept { return !error_.has_value(); }
    void value() const {
        if (error_) [[unlikely]]
            detail::throw_error(*error_);
    }
    const godwit::error& error() const& { return check_not(), *error_; }
    godwit::error error() && { return check_not(), *std::move(error_); }
    bool failed(errc code) const noexcept { return error_ && error_->code() == code; }

private:
    void check_not() const {
        if (!error_) [[unlikely]]
            detail::throw_no_error();
    }

    std::optional<godwit::error> error_;
};

using status = result<void>;

}  // namespace godwit
