// What the tests through a relay share: two addresses of one kind, and what a process holds.
#pragma once
#include <malloc.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "system/relay.hpp"

namespace system_tests {

using namespace conformance;

inline const godwit::socket_options eager{.redial_min = 10ms, .redial_max = 50ms};

// A relay at here() before whatever binds there().
class relayed {
public:
    explicit relayed(const std::string& transport)
        : there_{find_transport(transport)->url()}, here_{find_transport(transport)->url()}, relay_{here_, there_} {}
    const std::string& there() const { return there_; }
    const std::string& here() const { return here_; }
    relay* operator->() { return &relay_; }

private:
    std::string there_;
    std::string here_;
    relay relay_;
};

inline std::string tcp_or_ipc() { return GENERATE(as<std::string>(), "tcp_v4", "ipc_file"); }

inline std::size_t entries_of(const char* directory) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator{directory}, std::filesystem::directory_iterator{}));
}
inline std::size_t descriptors() { return entries_of("/proc/self/fd"); }
inline std::size_t threads() { return entries_of("/proc/self/task"); }

// Of the whole process, in bytes; under sanitizers it says little.
inline std::size_t resident_bytes() {
    ::malloc_trim(0);
    std::ifstream statm{"/proc/self/statm"};
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    return resident * 4096;
}

}  // namespace system_tests
