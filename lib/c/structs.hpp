// structs: reading and writing the size-stamped structs of the C interface, of whatever release the caller is.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "c/struct_sizes.hpp"
#include "godwit/c/base.h"
#include "godwit/message.hpp"
#include "godwit/result.hpp"

namespace godwit::c {

inline constexpr std::size_t struct_size_max = 65'536;  // a larger one is uninitialised memory

[[noreturn]] void throw_bad_size(std::size_t given, std::size_t least);
[[noreturn]] void throw_unknown_tail(std::size_t at);
[[noreturn]] void throw_null(const char* what);

template <class T>
void check_size(std::size_t given) {
    if (given < first_size<T> || given > struct_size_max) [[unlikely]]
        throw_bad_size(given, first_size<T>);
}

// What the caller gives, over the defaults. NULL: the defaults. Throws `invalid_argument`, `unsupported`.
template <class T>
T read_struct(const T* given, const T& defaults) {
    T made = defaults;
    if (given == nullptr) return made;
    const std::size_t size = given->struct_size;
    check_size<T>(size);
    const auto* const raw = reinterpret_cast<const char*>(given);
    for (std::size_t i = sizeof(T); i < size; ++i) {
        if (raw[i] != 0) throw_unknown_tail(i);
    }
    std::memcpy(&made, raw, std::min(size, sizeof(T)));
    made.struct_size = sizeof(T);
    return made;
}

// Into one of `size` bytes, whose tail beyond what we know becomes zero.
template <class T>
void write_struct(void* out, std::size_t size, T value) {
    check_size<T>(size);
    value.struct_size = size;
    std::memcpy(out, &value, std::min(size, sizeof(T)));
    if (size > sizeof(T)) std::memset(static_cast<char*>(out) + sizeof(T), 0, size - sizeof(T));
}
template <class T>
void write_struct(T& out, const T& value) {
    write_struct(&out, out.struct_size, value);
}

// An array of structs of the caller's size, which the first of them says.
template <class T>
class struct_array {
public:
    struct_array(T* out, std::size_t count) : first_{reinterpret_cast<char*>(out)} {
        if (count == 0) return;
        if (out == nullptr) throw_null("out");
        size_ = out->struct_size;
        check_size<T>(size_);
    }
    void put(std::size_t index, const T& value) const { write_struct(first_ + index * size_, size_, value); }

private:
    char* first_;
    std::size_t size_ = 0;
};

template <class T>
T& needed(T* what, const char* name) {
    if (what == nullptr) [[unlikely]]
        throw_null(name);
    return *what;
}

// Borrowed, as long as the caller's.
inline bytes view_of(godwit_bytes given) {
    if (given.data == nullptr && given.size != 0) [[unlikely]]
        throw_null("bytes");
    return {static_cast<const std::byte*>(given.data), given.size};
}
inline std::string_view text_of(godwit_bytes given) { return as_text(view_of(given)); }
inline godwit_bytes lent(bytes data) noexcept { return {data.data(), data.size()}; }
inline godwit_bytes lent(std::string_view text) noexcept { return {text.data(), text.size()}; }

template <std::size_t N>
void copy_text(std::string_view text, char (&out)[N]) noexcept {
    const std::size_t size = std::min(text.size(), N - 1);
    if (size != 0) std::memcpy(out, text.data(), size);
    std::memset(out + size, 0, N - size);
}

}  // namespace godwit::c
