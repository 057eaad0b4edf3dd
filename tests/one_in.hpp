// Of the states that a test of one thread enumerates, one in this many is taken: sanitizers are many times slower, and the
// thread sanitizer has nothing to find there. Primes, so that a stride meets every place of a loop inside another.
#pragma once
#include <cstddef>

#if defined(__SANITIZE_THREAD__)
inline constexpr std::size_t one_in = 97;
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr std::size_t one_in = 11;
#else
inline constexpr std::size_t one_in = 1;
#endif

// Says of each state in turn whether it is taken.
class sample {
public:
    bool takes() noexcept { return next_++ % one_in == 0; }

private:
    std::size_t next_ = 0;
};
