// state_view: the keys and values of a transaction's state as they were at one moment, in the order of the keys' bytes.
// A copy costs nothing, and never changes: who reads it holds up nobody. Threads: a value; any number may read one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "godwit/export.hpp"

namespace godwit {

namespace detail {
struct state_node;
class state_map;
}  // namespace detail

class GODWIT_EXPORT state_view {
public:
    state_view() noexcept = default;  // empty

    // Lives as long as this view, or a copy of it.
    std::optional<std::string_view> get(std::string_view key) const noexcept;
    bool contains(std::string_view key) const noexcept { return get(key).has_value(); }
    // Each key from `first` on and below `end`, in order, until tell() returns false. Without `end`: to the last one.
    using reader = std::function<bool(std::string_view key, std::string_view value)>;
    void range(std::string_view first, std::optional<std::string_view> end, const reader& tell) const;
    void for_each(const reader& tell) const { range({}, std::nullopt, tell); }
    std::size_t size() const noexcept { return size_; }           // keys
    std::uint64_t bytes() const noexcept { return size_bytes_; }  // of keys and values

private:
    friend class detail::state_map;
    std::shared_ptr<const detail::state_node> root_;
    std::size_t size_ = 0;
    std::uint64_t size_bytes_ = 0;
};

}  // namespace godwit
