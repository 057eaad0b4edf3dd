// How much memory this process has resident, and how many descriptors it may have.
#pragma once
#include <sys/resource.h>

#include <fstream>
#include <string>

#include "arguments.hpp"

namespace bench {

inline double resident_kib() {
    std::ifstream file{"/proc/self/smaps_rollup"};
    for (std::string word; file >> word;)
        if (double kib = 0; word == "Rss:" && file >> kib) return kib;
    fail("no /proc/self/smaps_rollup");
}

inline void allow_many_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// Reading once first makes the reader's own buffers part of both figures.
inline double resident_before() {
    allow_many_descriptors();
    resident_kib();
    return resident_kib();
}

}  // namespace bench
