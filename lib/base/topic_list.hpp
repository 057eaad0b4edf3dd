// topic_list: the distinct topics of a batch while it is built, in the order in which they came.
// Threads: a value. Equal topics in a row cost one comparison; memory is kept from batch to batch.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::detail {

class topic_list {
public:
    // 0: it is not there.
    std::uint16_t find(std::string_view topic) noexcept;
    // What is not there yet, while it is not full. Throws std::bad_alloc, with nothing changed.
    std::uint16_t add(std::string_view topic);
    bool full() const noexcept;
    std::size_t bytes_with(std::string_view one_more) const noexcept;
    std::size_t bytes() const noexcept {
        return ends_.empty() ? 0 : sizeof(std::uint32_t) * (1 + ends_.size()) + text_.size();
    }
    void write(std::byte* to) const noexcept;
    void clear() noexcept;

private:
    std::string_view at(std::uint32_t index) const noexcept;
    std::size_t slot_of(std::string_view topic) const noexcept;
    void grow_slots();

    std::string text_;
    std::vector<std::uint32_t> ends_;
    std::vector<std::uint16_t> slots_;  // open addressing; a power of two, at most half full
    std::uint16_t last_ = 0;            // what was found or added last
};

}  // namespace godwit::detail
