#include "base/ports.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace godwit::detail {

namespace {

class system_clocks final : public time_source {
public:
    steady_time now() noexcept override { return std::chrono::steady_clock::now(); }
    wall_time wall() noexcept override {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

// A piece of the system's own generator at a time: what it gives is unpredictable, and streams' ids are made of it.
// The child of a fork must not draw its parent's numbers again.
struct drawn_numbers {
    std::array<std::uint64_t, 32> values{};
    std::size_t left = 0;
    pid_t owner = 0;

    void refill() noexcept {
        auto* const to = reinterpret_cast<char*>(values.data());
        for (std::size_t filled = 0; filled < sizeof values;) {
            const ssize_t got = ::getrandom(to + filled, sizeof values - filled, 0);
            if (got > 0) {
                filled += static_cast<std::size_t>(got);
            } else if (errno != EINTR) {  // no such call, or a sandbox without it
                fill_without_the_system();
                break;
            }
        }
        left = values.size();
        owner = ::getpid();
    }

    // splitmix64 from what differs between processes, threads and moments.
    void fill_without_the_system() noexcept {
        auto state = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
        state ^= static_cast<std::uint64_t>(::getpid()) << 40 ^ reinterpret_cast<std::uintptr_t>(this);
        for (std::uint64_t& value : values) {
            state += 0x9e3779b97f4a7c15;
            value = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            value ^= value >> 31;
        }
    }
};

class system_generator final : public random_source {
public:
    std::uint64_t draw() noexcept override {
        static constinit thread_local drawn_numbers own;
        if (own.left == 0 || own.owner != ::getpid()) own.refill();
        return own.values[--own.left];
    }
};

}  // namespace

time_source& system_time() noexcept {
    static constinit system_clocks clocks;
    return clocks;
}

random_source& system_random() noexcept {
    static constinit system_generator generator;
    return generator;
}

}  // namespace godwit::detail
