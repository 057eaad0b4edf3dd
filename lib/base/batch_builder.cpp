#include "base/batch_builder.hpp"

#include <algorithm>
#include <cassert>

#include "base/block.hpp"
#include "base/record_writer.hpp"

namespace godwit::detail {

namespace f = batch_format;

namespace {

constexpr std::size_t first_bytes = 464;      // with a block around it, a class of the pool
constexpr std::size_t idle_bytes_max = 1024;  // not worth a copy

}  // namespace

batch_builder::batch_builder(batch_builder&& other) noexcept : stream_{other.stream_} { swap(other); }

batch_builder& batch_builder::operator=(batch_builder&& other) noexcept {
    batch_builder taken{std::move(other)};
    swap(taken);
    return *this;
}

batch_builder::~batch_builder() {
    if (block_ != nullptr) release(block_);
}

void batch_builder::swap(batch_builder& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(first_, other.first_);
    std::swap(count_, other.count_);
    std::swap(last_delta_, other.last_delta_);
    std::swap(memory_, other.memory_);
    std::swap(used_, other.used_);
    std::swap(room_, other.room_);
    std::swap(topics_bytes_, other.topics_bytes_);
    std::swap(block_, other.block_);
    std::swap(next_bytes_, other.next_bytes_);
    std::swap(has_exceptions_, other.has_exceptions_);
    std::swap(topics_, other.topics_);
}

bool batch_builder::add(offset at, const record_parts& what, std::size_t bytes_max) {
    assert(check_record(what) && at <= offset_max && (empty() || at > first_ + last_delta_));
    const bool is_new_topic = !what.topic.empty() && topics_.find(what.topic) == 0;
    const std::size_t topics = is_new_topic ? topics_.bytes_with(what.topic) : topics_bytes_;
    const std::size_t size = record_bytes(what);
    const std::size_t end = (empty() ? f::header_bytes : used_) + size;
    if (!empty()) {
        if (end + topics > std::min(bytes_max, f::batch_bytes_limit) || at - first_ > UINT32_MAX) return false;
        if (is_new_topic && topics_.full()) return false;
    }
    if (block_ == nullptr || end + topics > room_ + topics_bytes_) grow(end + topics);
    const std::uint16_t topic = what.topic.empty() ? 0
                                : is_new_topic     ? topics_.add(what.topic)
                                                   : topics_.find(what.topic);
    // From here on nothing can fail.
    if (empty()) first_ = at;
    last_delta_ = static_cast<std::uint32_t>(at - first_);
    has_exceptions_ = has_exceptions_ || what.priority != priority_default || what.times.any();
    write_record(memory_ + end - size, size, last_delta_, topic, what);
    room_ = room_ + topics_bytes_ - topics;
    topics_bytes_ = topics;
    used_ = end;
    ++count_;
    return true;
}

void batch_builder::grow(std::size_t size) {
    const std::size_t wanted = block_ != nullptr ? 2 * block_->frames[0].size() : std::max(next_bytes_, first_bytes);
    block* const larger = make_open_block(std::min(std::max(size, wanted), f::batch_bytes_limit), f::batch_bytes_limit);
    auto* const memory = const_cast<std::byte*>(larger->frames[0].data());
    if (used_ != 0) std::memcpy(memory, memory_, used_);
    if (block_ != nullptr) release(block_);
    block_ = larger;
    memory_ = memory;
    room_ = larger->frames[0].size() - topics_bytes_;
}

batch_ref batch_builder::seal(wall_time now) {
    if (empty()) return {};
    const std::size_t size = size_bytes();
    if (const std::size_t whole = block_->frames[0].size(); whole > 2 * size && whole - size > idle_bytes_max) {
        block* const fitting = make_open_block(size, size);
        std::memcpy(const_cast<std::byte*>(fitting->frames[0].data()), memory_, used_);
        release(block_);
        block_ = fitting;
        memory_ = const_cast<std::byte*>(fitting->frames[0].data());
    }
    topics_.write(memory_ + used_);
    write_header(memory_, {.flags = has_exceptions_ ? f::flag_exceptions : std::uint8_t{0},
                           .bytes = static_cast<std::uint32_t>(size),
                           .count = count_,
                           .stream = stream_,
                           .base = first_,
                           .sealed = now,
                           .last_delta = last_delta_,
                           .record_bytes = static_cast<std::uint32_t>(used_ - f::header_bytes)});
    f::sign(memory_, size);
    block_->frames[0] = {memory_, size};
    batch_ref made{message_access::from_block(std::exchange(block_, nullptr)), {}};
    made.view = batch_view::trusted(made.holder.body());
    memory_ = nullptr;
    count_ = 0;
    last_delta_ = 0;
    used_ = room_ = topics_bytes_ = 0;
    has_exceptions_ = false;
    next_bytes_ = size;
    topics_.clear();
    return made;
}

}  // namespace godwit::detail
