#include "base/topic_list.hpp"

#include <functional>

#include "base/batch_format.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t first_slots = 16;

}  // namespace

std::string_view topic_list::at(std::uint32_t index) const noexcept {
    const std::uint32_t first = index == 1 ? 0 : ends_[index - 2];
    return std::string_view{text_}.substr(first, ends_[index - 1] - first);
}

// Where it is, or where it would go.
std::size_t topic_list::slot_of(std::string_view topic) const noexcept {
    std::size_t slot = std::hash<std::string_view>{}(topic) & (slots_.size() - 1);
    while (slots_[slot] != 0 && at(slots_[slot]) != topic) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
}

std::uint16_t topic_list::find(std::string_view topic) noexcept {
    if (ends_.empty()) return 0;
    if (at(last_) == topic) return last_;
    const std::uint16_t found = slots_[slot_of(topic)];
    if (found != 0) last_ = found;
    return found;
}

void topic_list::grow_slots() {
    std::vector<std::uint16_t> larger(slots_.empty() ? first_slots : slots_.size() * 2);
    slots_.swap(larger);
    for (std::uint32_t index = 1; index <= ends_.size(); ++index) {
        slots_[slot_of(at(index))] = static_cast<std::uint16_t>(index);
    }
}

std::uint16_t topic_list::add(std::string_view topic) {
    if (slots_.size() < 2 * (ends_.size() + 1)) grow_slots();
    ends_.reserve(ends_.size() + 1 > ends_.capacity() ? 2 * ends_.size() + 8 : 0);
    text_.append(topic);
    const std::size_t slot = slot_of(topic);
    ends_.push_back(static_cast<std::uint32_t>(text_.size()));
    last_ = static_cast<std::uint16_t>(ends_.size());
    slots_[slot] = last_;
    return last_;
}

bool topic_list::full() const noexcept { return ends_.size() == batch_format::topics_max; }

std::size_t topic_list::bytes_with(std::string_view one_more) const noexcept {
    return (ends_.empty() ? sizeof(std::uint32_t) : bytes()) + sizeof(std::uint32_t) + one_more.size();
}

void topic_list::write(std::byte* to) const noexcept {
    if (ends_.empty()) return;
    batch_format::store(to, static_cast<std::uint32_t>(ends_.size()));
    to += sizeof(std::uint32_t);
    std::memcpy(to, ends_.data(), ends_.size() * sizeof(std::uint32_t));
    std::memcpy(to + ends_.size() * sizeof(std::uint32_t), text_.data(), text_.size());
}

void topic_list::clear() noexcept {
    if (ends_.empty()) return;
    const bool is_sparse = slots_.size() > 16 * ends_.size() + first_slots;
    slots_.assign(is_sparse ? first_slots : slots_.size(), 0);
    text_.clear();
    ends_.clear();
    last_ = 0;
}

}  // namespace godwit::detail
