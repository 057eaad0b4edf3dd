// The fields of the notes' contents: little endian, at fixed places. Threads: values.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "base/batch_format.hpp"
#include "base/record.hpp"

namespace godwit::detail::note_fields {

inline constexpr std::int64_t for_ever = INT64_MAX;

template <class T>
void put(std::string& to, std::size_t at, T value) {
    batch_format::store(reinterpret_cast<std::byte*>(to.data()) + at, value);
}

template <class T>
T get(std::string_view from, std::size_t at) noexcept {
    return batch_format::load<T>(reinterpret_cast<const std::byte*>(from.data()) + at);
}

inline std::int64_t milliseconds(wall_time when) noexcept {
    if (when == wall_time::max()) return for_ever;
    return std::clamp<std::int64_t>(when.time_since_epoch().count(), 0, batch_format::milliseconds_max);
}

inline wall_time time_of(std::int64_t count) noexcept {
    return count == for_ever ? wall_time::max() : wall_time{std::chrono::milliseconds{count}};
}

inline bool is_time(std::int64_t count) noexcept {
    return count == for_ever || (count >= 0 && count <= batch_format::milliseconds_max);
}

}  // namespace godwit::detail::note_fields
