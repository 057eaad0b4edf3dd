// Fields of numbers one behind the other, little endian, nothing aligned: written to a string, and read with the end checked.
// Threads: values.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/batch_format.hpp"
#include "godwit/message.hpp"
#include "godwit/stream.hpp"

namespace godwit::detail::byte_fields {

template <class T>
void put(std::string& to, T value) {
    char image[sizeof value];
    batch_format::store(reinterpret_cast<std::byte*>(image), value);
    to.append(image, sizeof value);
}

inline void put(std::string& to, const stream_id& id) { put(to, id.high), put(to, id.low); }

// Reads as far as there is something; `whole` says whether there was.
struct reader {
    bytes left;
    bool whole = true;

    template <class T>
    T take() noexcept {
        if (left.size() < sizeof(T)) {
            whole = false;
            left = {};
            return {};
        }
        const T value = batch_format::load<T>(left.data());
        left = left.subspan(sizeof(T));
        return value;
    }
    std::string take_text(std::size_t size) {
        if (left.size() < size) {
            whole = false;
            left = {};
            return {};
        }
        std::string text{as_text(left.first(size))};
        left = left.subspan(size);
        return text;
    }
    stream_id take_id() noexcept {
        const auto high = take<std::uint64_t>();
        return {high, take<std::uint64_t>()};
    }
};

}  // namespace godwit::detail::byte_fields
