#include "godwit/message.hpp"

#include <array>
#include <memory>
#include <new>
#include <utility>

#include "base/block.hpp"

namespace godwit {

namespace {

constexpr std::size_t headers_max = 64;
constexpr std::size_t name_bytes_max = 64u << 10;
constexpr std::size_t made_frames_max = 4 + 2 * headers_max;

error above(std::string_view what, std::string_view limit) { return {errc::too_large, what, limit}; }

status check_limits(const message_parts& parts) {
    constexpr std::string_view limit = "at most 65536 bytes";
    if (parts.topic.size() > name_bytes_max) return above("topic", limit);
    if (parts.key.size() > name_bytes_max) return above("key", limit);
    if (parts.headers.size() > headers_max) return above("headers", "at most 64 of them");
    for (const header& each : parts.headers) {
        if (each.name.size() > name_bytes_max) return above("a header's name", limit);
    }
    return {};
}

void run_and_delete(void* storage) noexcept {
    std::function<void()>* stored = nullptr;
    std::memcpy(&stored, storage, sizeof stored);
    const std::unique_ptr<std::function<void()>> callback{stored};
    try {
        if (*callback) (*callback)();
    } catch (...) {
        // It must not throw; there is nobody who could be told.
    }
}

constexpr detail::frame_holder taken_buffer{run_and_delete};

message copy_of(std::span<const detail::block_frame> frames) {
    if (frames.size() == 1) return message{frames.front().data};
    return detail::message_access::from_block(detail::make_block(frames));
}

result<message> try_copy_of(std::span<const detail::block_frame> frames) {
    try {
        return copy_of(frames);
    } catch (const std::bad_alloc&) {
        return error{errc::no_resources, "message", "the process is out of memory"};
    }
}

}  // namespace

result<message> message::make(const message_parts& parts) {
    if (status fits = check_limits(parts); !fits) return fits.error();
    std::array<detail::block_frame, made_frames_max> frames;
    std::size_t count = 0;
    const bool named = !parts.key.empty() || !parts.headers.empty();
    if (named || !parts.topic.empty()) frames[count++].data = as_bytes(parts.topic);
    frames[count++].data = parts.body;
    if (named) frames[count++].data = as_bytes(parts.key);
    for (const header& each : parts.headers) {
        frames[count++].data = as_bytes(each.name);
        frames[count++].data = as_bytes(each.value);
    }
    return try_copy_of({frames.data(), count});
}

result<message> message::from_frames(std::span<const bytes> frames) {
    if (frames.empty()) return error{errc::invalid_argument, "frames", "a message has at least one"};
    if (frames.size() > made_frames_max) return above("frames", "at most 132 of them");
    std::array<detail::block_frame, made_frames_max> copied;
    for (std::size_t index = 0; index < frames.size(); ++index) copied[index].data = frames[index];
    return try_copy_of({copied.data(), frames.size()});
}

message message::take(const void* data, std::size_t size, std::function<void()> give_back) {
    message taken;
    auto* const callback = new std::function<void()>{std::move(give_back)};
    std::memcpy(taken.storage_, &callback, sizeof callback);
    detail::message_access::set_lent(taken, taken_buffer, {static_cast<const std::byte*>(data), size});
    return taken;
}

void message::copy_shared(bytes body) {
    detail::block* const made = detail::make_block(body);
    block_.store(made, std::memory_order_relaxed);
    data_ = made->frames[0].data();
    size_ = body.size();
}

void message::share(const message& other) {
    detail::block* shared = other.block_.load(std::memory_order_acquire);
    if (shared == nullptr) {
        if (other.size_ <= inline_bytes_max && other.frame_count() == 1) return copy_inline(other.body());
        shared = detail::message_access::promote(other);
    }
    detail::add_reference(shared);
    block_.store(shared, std::memory_order_relaxed);
    data_ = other.data_;
    size_ = other.size_;
}

// What this held goes last: giving it back may run code of the user, which may own `other`.
void message::replace(message& other) noexcept {
    message old{std::move(*this)};
    relocate(other);
}

void message::give_back() noexcept {
    // Once there is a block, the storage's memory is the block's.
    if (detail::block* const shared = block_.load(std::memory_order_acquire)) {
        detail::release(shared);
    } else {
        holder_->give_back(storage_);
    }
}

std::size_t message::frame_count() const noexcept {
    const detail::block* const shared = block_.load(std::memory_order_acquire);
    if (shared != nullptr) return std::size_t{shared->frame_count} - shared->first_shown;
    return holder_ != nullptr && holder_->frame_count != nullptr ? holder_->frame_count(storage_) : 1;
}

bytes message::frame(std::size_t index) const noexcept {
    const detail::block* const shared = block_.load(std::memory_order_acquire);
    if (shared != nullptr) return shared->frames[shared->first_shown + index];
    return holder_ != nullptr && holder_->frame != nullptr ? holder_->frame(storage_, index) : body();
}

std::size_t message::size_bytes() const noexcept {
    const std::size_t count = frame_count();
    if (count == 1) return size_;
    std::size_t sum = 0;
    for (std::size_t index = 0; index < count; ++index) sum += frame(index).size();
    return sum;
}

std::string_view message::topic() const noexcept { return frame_count() >= 2 ? as_text(frame(0)) : std::string_view{}; }

std::string_view message::key() const noexcept { return frame_count() >= 3 ? as_text(frame(2)) : std::string_view{}; }

std::size_t message::header_count() const noexcept {
    const std::size_t count = frame_count();
    return count > 3 ? (count - 2) / 2 : 0;
}

header message::header_at(std::size_t index) const noexcept {
    const std::size_t at = 3 + 2 * index;
    return {as_text(frame(at)), at + 1 < frame_count() ? as_text(frame(at + 1)) : std::string_view{}};
}

std::string_view message::header_value(std::string_view name) const noexcept {
    const std::size_t count = header_count();
    for (std::size_t index = 0; index < count; ++index) {
        if (const header each = header_at(index); each.name == name) return each.value;
    }
    return {};
}

message message::detached() const {
    const std::size_t count = frame_count();
    if (count == 1) return message{body()};
    std::vector<detail::block_frame> frames(count);
    for (std::size_t index = 0; index < count; ++index) frames[index].data = frame(index);
    return copy_of(frames);
}

namespace detail {

message message_access::from_block(block* shared) noexcept {
    message made;
    made.block_.store(shared, std::memory_order_relaxed);
    const unsigned shown = unsigned{shared->frame_count} - shared->first_shown;
    if (shown != 0) {
        const bytes body = shared->frames[shared->first_shown + (shown == 1 ? 0 : 1)];
        made.data_ = body.data();
        made.size_ = body.size();
    }
    return made;
}

message message_access::hide_frames(message&& whole, std::size_t count) {
    if (count == 0) return std::move(whole);
    block* shared = whole.block_.load(std::memory_order_acquire);
    if (shared == nullptr || shared->references.load(std::memory_order_acquire) != 1) {
        whole = whole.detached();
        shared = whole.block_.load(std::memory_order_relaxed);
    }
    whole.block_.store(nullptr, std::memory_order_relaxed);
    shared->first_shown = static_cast<std::uint16_t>(shared->first_shown + count);
    return from_block(shared);
}

block* message_access::to_block(const message& source) {
    block* shared = source.block_.load(std::memory_order_acquire);
    if (shared == nullptr) {
        if (source.size_ <= inline_bytes_max && source.frame_count() == 1) return make_block(source.body());
        shared = promote(source);
    }
    add_reference(shared);
    return shared;
}

// Of the frames that the storage keeps, the first takes it over.
block* message_access::block_of_lent(const message& source) {
    const frame_holder& holder = *source.holder_;
    const std::size_t count = holder.frame_count != nullptr ? holder.frame_count(source.storage_) : 1;
    if (count == 1) {
        const block_frame lent{source.body(), &holder, source.storage_};
        return make_block(std::span{&lent, 1});
    }
    std::vector<block_frame> frames(count, block_frame{{}, nullptr, nullptr, true});
    for (std::size_t index = 0; index < count; ++index) frames[index].data = holder.frame(source.storage_, index);
    frames[0].holder = &holder;
    frames[0].storage = source.storage_;
    return make_block(frames);
}

// Several threads may do this to one const message at once: the first block wins, the others are thrown away as if
// they had never owned anything.
block* message_access::promote(const message& source) {
    block* const made = block_of_lent(source);
    block* winner = nullptr;
    if (source.block_.compare_exchange_strong(winner, made, std::memory_order_acq_rel, std::memory_order_acquire)) {
        return made;
    }
    made->lent_count = 0;
    destroy(made);
    return winner;
}

}  // namespace detail

}  // namespace godwit
