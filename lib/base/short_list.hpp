// short_list: a contiguous list of plain values that takes no memory from the heap up to N of them.
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace godwit::detail {

template <class T, std::size_t N>
class short_list {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    void push_back(const T& value) {
        if (count_ < N) {
            few_[count_] = value;
        } else {
            if (count_ == N) many_.assign(few_.begin(), few_.end());
            many_.push_back(value);
        }
        ++count_;
    }
    std::size_t size() const noexcept { return count_; }
    T* begin() noexcept { return count_ <= N ? few_.data() : many_.data(); }
    T* end() noexcept { return begin() + count_; }
    T& back() noexcept { return end()[-1]; }
    std::span<const T> view() const noexcept { return {count_ <= N ? few_.data() : many_.data(), count_}; }

private:
    std::array<T, N> few_;
    std::vector<T> many_;  // all of them, once there are more than N
    std::size_t count_ = 0;
};

}  // namespace godwit::detail
