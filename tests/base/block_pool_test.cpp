#include "base/block_pool.hpp"

#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "base/block.hpp"
#include "test_main.hpp"

using godwit::detail::pool_allocate;
using godwit::detail::pool_free;
namespace pool = godwit::detail::pool;

namespace {

struct memory {
    void* at = nullptr;
    std::uint32_t size_class = 0;
    std::size_t size = 0;
};

memory take(std::size_t size) {
    memory taken{nullptr, 0, size};
    taken.at = pool_allocate(size, taken.size_class);
    std::memset(taken.at, static_cast<int>(size & 0xff), size);
    return taken;
}

bool is_intact(const memory& taken) {
    const auto* const content = static_cast<const unsigned char*>(taken.at);
    for (std::size_t index = 0; index < taken.size; ++index) {
        if (content[index] != (taken.size & 0xff)) return false;
    }
    return true;
}

// Frees a message when the thread's or the process's objects go, before or after the cache itself.
struct late_message {
    godwit::message kept;
};

}  // namespace

TEST_CASE("classes fit: at least the size, with little waste for common bodies") {
    for (std::size_t size = 1; size <= pool::pooled_bytes_max; ++size) {
        const std::uint8_t chosen = pool::class_of_lines[(size + 63) / 64];
        REQUIRE(pool::class_bytes[chosen] >= size);
        if (chosen > 0) REQUIRE(pool::class_bytes[chosen - 1u] < size);
    }
    for (const std::size_t body : {100u, 1024u, 2048u, 4096u, 8192u}) {
        const std::size_t size = sizeof(godwit::detail::block) + sizeof(godwit::bytes) + body;
        const std::size_t fitted = pool::class_bytes[pool::class_of_lines[(size + 63) / 64]];
        CHECK(fitted - size <= 64);
    }
    for (std::uint32_t each = 0; each < pool::class_count; ++each) CHECK(pool::batch_count(each) >= 2);
}

TEST_CASE("pieces in use at the same time never overlap") {
    std::mt19937 random{7};
    std::vector<memory> held;
    for (int step = 0; step < 50'000; ++step) {
        if (held.size() < 2000 && random() % 5 < 3) {
            held.push_back(take(1 + random() % 10'000));
            REQUIRE(reinterpret_cast<std::uintptr_t>(held.back().at) % alignof(std::max_align_t) == 0);
        } else if (!held.empty()) {
            std::swap(held[random() % held.size()], held.back());
            REQUIRE(is_intact(held.back()));
            pool_free(held.back().at, held.back().size_class);
            held.pop_back();
        }
    }
    for (const memory& each : held) {
        REQUIRE(is_intact(each));
        pool_free(each.at, each.size_class);
    }
}

TEST_CASE("pieces that one thread takes may be freed by another") {
    constexpr int total = 100'000;
    std::mutex guard;
    std::deque<memory> passed;
    std::atomic<bool> intact{true};
    std::jthread taker{[&] {
        std::mt19937 random{11};
        for (int step = 0; step < total;) {
            const memory taken = take(64 + random() % 2000);
            const std::lock_guard locked{guard};
            if (passed.size() < 5000) {
                passed.push_back(taken);
                ++step;
            } else {
                pool_free(taken.at, taken.size_class);
            }
        }
    }};
    for (int step = 0; step < total;) {
        memory taken;
        {
            const std::lock_guard locked{guard};
            if (!passed.empty()) taken = passed.front(), passed.pop_front();
        }
        if (taken.at == nullptr) {
            std::this_thread::yield();
            continue;
        }
        if (!is_intact(taken)) intact = false;
        pool_free(taken.at, taken.size_class);
        ++step;
    }
    CHECK(intact);
    CHECK(pool::centre_bytes() <= pool::centre_bytes_max);
}

TEST_CASE("what the centre keeps is bounded") {
    std::jthread{[] {
        std::vector<memory> held;
        for (std::size_t kept = 0; kept < 3 * pool::centre_bytes_max; kept += 8192) held.push_back(take(8192));
        for (const memory& each : held) pool_free(each.at, each.size_class);
    }}.join();
    CHECK(pool::centre_bytes() <= pool::centre_bytes_max);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    // It does keep something: the test would prove nothing if every piece went back at once.
    CHECK(pool::centre_bytes() > pool::centre_bytes_max / 2);
    while (pool::centre_bytes() > 0) {
        const std::size_t before = pool::centre_bytes();
        std::jthread{[] {
            std::vector<memory> held;
            for (int each = 0; each < 3000; ++each) held.push_back(take(8192));
            for (const memory& each : held) pool::free_to_system(each.at);
        }}.join();
        REQUIRE(pool::centre_bytes() <= before);
        if (pool::centre_bytes() == before) break;
    }
#endif
}

TEST_CASE("messages may be let go of while a thread ends") {
    const auto use = [] {
        // Made before the cache: destroyed after it.
        static thread_local late_message before;
        before.kept = godwit::message{std::string(200, 'b')};
        static thread_local late_message after;
        after.kept = before.kept;
        after.kept = godwit::message{std::string(1000, 'a')};
    };
    for (int round = 0; round < 50; ++round) {
        std::jthread first{use};
        std::jthread second{use};
    }
    // And while the process ends.
    static late_message until_the_end;
    until_the_end.kept = godwit::message{std::string(500, 'e')};
    CHECK(until_the_end.kept.text().size() == 500);
}

TEST_CASE("threads that come and go hand their pieces on") {
    for (int round = 0; round < 200; ++round) {
        std::vector<memory> held;
        std::jthread{[&] {
            for (int each = 0; each < 100; ++each) held.push_back(take(150));
        }}.join();
        std::jthread{[&] {
            for (const memory& each : held) {
                REQUIRE(is_intact(each));
                pool_free(each.at, each.size_class);
            }
        }}.join();
    }
    CHECK(pool::centre_bytes() <= pool::centre_bytes_max);
}
