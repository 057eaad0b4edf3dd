// handle_table: objects of one kind behind 64-bit numbers that other languages hold. A number is never another object's: its
// generation rises each time that a slot is used again, and a slot whose generations are used up is not. Who looks an
// object up has it pinned; retired, it can be looked up no more, and goes with the last pin.
//
//   63    60 59                       20 19          0        the number: kind, generation from 1 on, slot
//  |  kind  |       generation         |    slot      |
//
// Threads: thread-safe. A look-up is two atomic instructions, and takes no lock. Slots are never given back to the system.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "c/slot_list.hpp"
#include "godwit/result.hpp"

namespace godwit::c {

template <class T>
class handle_table {
    struct slot : free_slot {
        // Generation, 40 bits; live; doomed: retired, and pinned still; pins, 22 bits.
        std::atomic<std::uint64_t> state{std::uint64_t{1} << generation_at};
        alignas(T) std::byte storage[sizeof(T)];

        T* object() noexcept { return std::launder(reinterpret_cast<T*>(storage)); }
    };

public:
    explicit constexpr handle_table(std::uint64_t kind, const char* noun) noexcept : kind_{kind}, noun_{noun} {}

    handle_table(const handle_table&) = delete;
    handle_table& operator=(const handle_table&) = delete;
    ~handle_table() {  // what is open still is not destroyed
        for (auto& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
    }

    // An object that stays where it is for as long as this lives.
    class pin {
    public:
        pin(pin&& other) noexcept
            : table_{other.table_}, slot_{std::exchange(other.slot_, nullptr)}, index_{other.index_} {}
        pin& operator=(pin&&) = delete;
        ~pin() {
            if (slot_ != nullptr && table_->unpin(*slot_)) table_->free_.push({&index_, 1}, *table_);
        }
        T* operator->() const noexcept { return slot_->object(); }
        T& operator*() const noexcept { return *slot_->object(); }

    private:
        friend class handle_table;
        pin(handle_table& table, slot* in, std::uint32_t index) noexcept : table_{&table}, slot_{in}, index_{index} {}
        handle_table* table_;
        slot* slot_;
        std::uint32_t index_;
    };

    // Throws `closed`, or `invalid_argument` for a number that was never given.
    pin at(std::uint64_t id) {
        auto found = find(id);
        if (found.slot_ == nullptr) [[unlikely]]
            throw why_not(id);
        return found;
    }

    // Empty instead.
    std::optional<pin> find_live(std::uint64_t id) noexcept {
        auto found = find(id);
        if (found.slot_ == nullptr) return {};
        return found;
    }

    // Room for objects to come: how many of `out`, one at least. Throws `no_resources`, std::bad_alloc.
    std::size_t reserve(std::span<std::uint32_t> out) {
        const std::size_t count = free_.take(out, *this);
        if (count == 0) throw error{errc::no_resources, noun_, "a million of them are open: release some"};
        return count;
    }
    void give_back(std::span<const std::uint32_t> unused) noexcept { free_.push(unused, *this); }

    template <class... Args>
    std::uint64_t fill(std::uint32_t index, Args&&... args) noexcept {
        slot& into = slot_at(index);
        std::construct_at(reinterpret_cast<T*>(into.storage), std::forward<Args>(args)...);
        const std::uint64_t generation = into.state.load(std::memory_order_relaxed) >> generation_at;
        into.state.store(generation << generation_at | live, std::memory_order_release);
        open_.fetch_add(1, std::memory_order_relaxed);
        return kind_ << kind_at | generation << index_bits | index;
    }

    // Throws as reserve(), and what building a T from them does.
    template <class... Args>
    std::uint64_t add(Args&&... args) {
        T made{std::forward<Args>(args)...};
        std::uint32_t index = 0;
        (void)reserve({&index, 1});
        return fill(index, std::move(made));
    }

    // Pinned and retired; empty: it was closed already, which is fine. Throws `invalid_argument` for a number that was never given.
    std::optional<pin> retired(std::uint64_t id) {
        auto found = find(id);
        if (found.slot_ == nullptr) {
            if (auto why = why_not(id); why.code() != errc::closed) throw why;
            return {};
        }
        if (!retire(*found.slot_)) return {};
        return found;
    }
    void release(std::uint64_t id) { (void)retired(id); }

    std::size_t open() const noexcept { return open_.load(std::memory_order_relaxed); }
    slot_list& free_slots() noexcept { return free_; }

    // Of slot_list:
    free_slot* slot_of(std::uint32_t index) noexcept { return &slot_at(index); }
    bool grow(std::uint32_t used) {  // with the list's lock held
        const std::size_t chunk = used / chunk_slots;
        if (chunk == chunks_.size()) return false;
        if (used % chunk_slots == 0) chunks_[chunk].store(new slot[chunk_slots], std::memory_order_release);
        return true;
    }
    bool worn_out(std::uint32_t index) noexcept {
        return slot_at(index).state.load(std::memory_order_relaxed) >> generation_at == generation_max;
    }

private:
    static constexpr unsigned index_bits = 20, kind_at = 60, generation_at = 24;
    static constexpr std::uint64_t generation_max = (std::uint64_t{1} << 40) - 1;
    static constexpr std::uint64_t live = std::uint64_t{1} << 23, doomed = live >> 1, pins = doomed - 1;
    static constexpr std::size_t chunk_slots = 256;

    slot& slot_at(std::uint32_t index) noexcept {
        return chunks_[index / chunk_slots].load(std::memory_order_acquire)[index % chunk_slots];
    }
    static std::uint64_t generation_of(std::uint64_t id) noexcept { return id >> index_bits & generation_max; }
    bool can_be(std::uint64_t id) noexcept {
        const auto index = static_cast<std::uint32_t>(id & ((1u << index_bits) - 1));
        return id >> kind_at == kind_ && chunks_[index / chunk_slots].load(std::memory_order_acquire) != nullptr;
    }

    pin find(std::uint64_t id) noexcept {
        const auto index = static_cast<std::uint32_t>(id & ((1u << index_bits) - 1));
        if (can_be(id)) [[likely]] {
            slot& found = slot_at(index);
            std::uint64_t now = found.state.load(std::memory_order_relaxed);
            while (now >> generation_at == generation_of(id) && (now & live) != 0 && (now & pins) != pins) {
                if (found.state.compare_exchange_weak(now, now + 1, std::memory_order_acquire,
                                                      std::memory_order_relaxed))
                    return {*this, &found, index};
            }
        }
        return {*this, nullptr, index};
    }
    error why_not(std::uint64_t id) noexcept {
        if (can_be(id)) {
            const auto index = static_cast<std::uint32_t>(id & ((1u << index_bits) - 1));
            const std::uint64_t now = slot_at(index).state.load(std::memory_order_relaxed);
            const std::uint64_t given = generation_of(id), current = now >> generation_at;
            if (given != 0 && (given < current || (given == current && (now & (live | doomed)) != 0)))
                return {errc::closed, noun_, "this handle was closed or released"};
        }
        return {errc::invalid_argument, noun_, "this handle was never given, or is of another kind"};
    }

    static bool retire(slot& which) noexcept {
        std::uint64_t now = which.state.load(std::memory_order_relaxed);
        while ((now & live) != 0) {
            if (which.state.compare_exchange_weak(now, now ^ (live | doomed), std::memory_order_relaxed)) return true;
        }
        return false;
    }
    // True: it was the last one of what is retired, which is gone now.
    bool unpin(slot& which) noexcept {
        const std::uint64_t left = which.state.fetch_sub(1, std::memory_order_acq_rel) - 1;
        if ((left & (doomed | pins)) != doomed) return false;
        std::destroy_at(which.object());
        open_.fetch_sub(1, std::memory_order_relaxed);
        which.state.store(((left >> generation_at) + 1) << generation_at, std::memory_order_release);
        return true;
    }

    const std::uint64_t kind_;
    const char* const noun_;
    std::array<std::atomic<slot*>, (1u << index_bits) / chunk_slots> chunks_{};
    std::atomic<std::size_t> open_{0};
    slot_list free_;
};

}  // namespace godwit::c
