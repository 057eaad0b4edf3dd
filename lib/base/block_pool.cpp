#include "base/block_pool.hpp"

#include <atomic>
#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>

namespace godwit::detail::pool {

namespace {

constinit cache no_cache{};

}  // namespace

constinit thread_local cache* own_cache = &no_cache;

namespace {

// The batches of one class that no thread has, all of them full. Never destroyed: threads may outlive static objects.
struct alignas(64) transfer_list {
    std::atomic<bool> taken{false};
    piece* batches = nullptr;
};

constinit transfer_list centre[class_count];
constinit std::atomic<std::size_t> bytes_in_centre{0};

// Whoever finds the list taken for longer than a few instructions does without it: the owner may have been put to
// sleep, or, in the child of a fork, may be gone for ever.
class transfer_lock {
public:
    explicit transfer_lock(transfer_list& list) noexcept : list_{list} {
        for (int tries = 0; tries < 64 && !owned_; ++tries) {
            owned_ =
                !list_.taken.load(std::memory_order_relaxed) && !list_.taken.exchange(true, std::memory_order_acquire);
#if defined(__x86_64__)
            if (!owned_) __builtin_ia32_pause();
#endif
        }
    }
    transfer_lock(const transfer_lock&) = delete;
    ~transfer_lock() {
        if (owned_) list_.taken.store(false, std::memory_order_release);
    }
    explicit operator bool() const noexcept { return owned_; }

private:
    transfer_list& list_;
    bool owned_ = false;
};

constexpr std::size_t batch_bytes(std::uint32_t size_class) noexcept {
    return std::size_t{batch_count(size_class)} * class_bytes[size_class];
}

void free_list_to_system(piece* first) noexcept {
    while (first != nullptr) free_to_system(std::exchange(first, first->next));
}

// Null when there is none.
piece* take_batch(std::uint32_t size_class) noexcept {
    transfer_list& list = centre[size_class];
    transfer_lock lock{list};
    if (!lock || list.batches == nullptr) return nullptr;
    piece* const batch = list.batches;
    list.batches = batch->next_batch;
    bytes_in_centre.fetch_sub(batch_bytes(size_class), std::memory_order_relaxed);
    return batch;
}

void give_batch(piece* batch, std::uint32_t size_class) noexcept {
    const std::size_t size = batch_bytes(size_class);
    if (bytes_in_centre.fetch_add(size, std::memory_order_relaxed) + size <= centre_bytes_max) {
        transfer_list& list = centre[size_class];
        if (transfer_lock lock{list}; lock) {
            batch->next_batch = list.batches;
            list.batches = batch;
            return;
        }
    }
    bytes_in_centre.fetch_sub(size, std::memory_order_relaxed);
    free_list_to_system(batch);
}

// At the end of its thread it gives the batches away; what the thread frees later goes to the system.
struct cache_owner {
    cache_owner() = default;
    cache_owner(const cache_owner&) = delete;
    ~cache_owner() {
        cache* const given = std::exchange(own_cache, &no_cache);
        if (given == &no_cache) return;
        for (std::uint32_t size_class = 0; size_class < class_count; ++size_class) {
            free_list& list = given->lists[size_class];
            if (list.full_batch != nullptr) give_batch(list.full_batch, size_class);
            free_list_to_system(list.first);
        }
        delete given;
    }
};

enum class stage : unsigned char { fresh, open, over };
constinit thread_local stage own_stage = stage::fresh;

bool pool_is_wanted() noexcept {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    static const bool wanted = [] {
        const char* const value = std::getenv("GODWIT_POOL");
        return value == nullptr || std::string_view{value} != "off";
    }();
    return wanted;
#endif
}

// False: this thread has to do without, because it ends or because there is no memory.
bool open_cache() noexcept {
    if (own_stage != stage::fresh) return own_stage == stage::open;
    if (!pool_is_wanted()) {
        own_stage = stage::over;
        return false;
    }
    auto* const made = new (std::nothrow) cache;
    if (made == nullptr) return false;
    for (std::uint32_t size_class = 0; size_class < class_count; ++size_class) {
        made->lists[size_class].count_max = batch_count(size_class);
    }
    struct end_of_thread {
        cache_owner owner;
        ~end_of_thread() { own_stage = stage::over; }
    };
    static thread_local end_of_thread registered;
    static_cast<void>(registered);
    own_cache = made;
    own_stage = stage::open;
    return true;
}

}  // namespace

void* allocate_slowly(std::uint32_t size_class) {
    if (open_cache()) {
        free_list& list = own_cache->lists[size_class];
        piece* batch = std::exchange(list.full_batch, nullptr);
        if (batch == nullptr) batch = take_batch(size_class);
        if (batch != nullptr) {
            list.first = batch->next;
            list.count = list.count_max - 1;
            return batch;
        }
    }
    return allocate_from_system(class_bytes[size_class]);
}

void free_slowly(void* memory, std::uint32_t size_class) noexcept {
    if (!open_cache()) return free_to_system(memory);
    free_list& list = own_cache->lists[size_class];
    if (list.count == list.count_max) {
        piece* const older = std::exchange(list.full_batch, std::exchange(list.first, nullptr));
        list.count = 0;
        if (older != nullptr) give_batch(older, size_class);
    }
    auto* const freed = ::new (memory) piece{list.first, nullptr};
    list.first = freed;
    ++list.count;
}

void* allocate_from_system(std::size_t size) { return ::operator new(size); }
void free_to_system(void* memory) noexcept { ::operator delete(memory); }

std::size_t centre_bytes() noexcept { return bytes_in_centre.load(std::memory_order_relaxed); }

}  // namespace godwit::detail::pool
