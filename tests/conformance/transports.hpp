// The table of transports that the suite runs over: GODWIT_EACH_TRANSPORT("claim") { … over.url() … } makes one test
// case for each of them. Every url() is fresh, and known before anybody binds it, so that connect may come first.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "test_main.hpp"

namespace conformance {

// A directory for ipc paths, gone with the process that made it.
class scratch_directory {
public:
    scratch_directory() {
        char name[] = "/tmp/godwit-test-XXXXXX";
        if (::mkdtemp(name) == nullptr) throw std::runtime_error{"no scratch directory"};
        path_ = name;
    }
    ~scratch_directory() {
        std::error_code ignored;
        if (owner_ == ::getpid()) std::filesystem::remove_all(path_, ignored);
    }
    std::string fresh() { return path_ + "/" + std::to_string(++count_); }

private:
    std::string path_;
    std::atomic<int> count_{0};
    pid_t owner_ = ::getpid();
};

inline scratch_directory& scratch() {
    static scratch_directory directory;
    return directory;
}

// A port that stays reserved for this process: bound, never listening, and shared by SO_REUSEADDR. The system gives it
// to nobody else, a connect meets a refusal until the test's own listener is there. 0: no such address family.
inline std::uint16_t reserve_port(int family) {
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return 0;
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_addr = in6addr_loopback;
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool is_six = family == AF_INET6;
    sockaddr_storage name{};
    std::memcpy(&name, is_six ? static_cast<void*>(&six) : static_cast<void*>(&four),
                is_six ? sizeof six : sizeof four);
    socklen_t length = is_six ? sizeof six : sizeof four;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&name), length) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
        ::close(fd);
        return 0;
    }
    in_port_t port{};
    std::memcpy(&port, reinterpret_cast<char*>(&name) + offsetof(sockaddr_in, sin_port), sizeof port);
    return ntohs(port);
}

struct transport {
    std::string name;
    std::string (*make)();

    std::string url() const { return make(); }
    bool is_inproc() const { return name == "inproc"; }
    bool is_ipc() const { return name.starts_with("ipc"); }
    bool is_tcp() const { return name.starts_with("tcp"); }
};

struct inproc {
    static std::string make() {
        static std::atomic<int> count{0};
        return "inproc://test-" + std::to_string(++count);
    }
};
struct ipc_file {
    static std::string make() { return "ipc://" + scratch().fresh(); }
};
struct ipc_abstract {
    static std::string make() {
        static std::atomic<int> count{0};
        return "ipc://@godwit-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    }
};
struct tcp_v4 {
    static std::string make() { return "tcp://127.0.0.1:" + std::to_string(reserve_port(AF_INET)); }
};
struct tcp_v6 {
    static std::string make() { return "tcp://[::1]:" + std::to_string(reserve_port(AF_INET6)); }
};

inline const std::vector<transport>& transports() {
    static const std::vector<transport> table = [] {
        std::vector<transport> rows{{"inproc", inproc::make},
                                    {"ipc_file", ipc_file::make},
                                    {"ipc_abstract", ipc_abstract::make},
                                    {"tcp_v4", tcp_v4::make}};
        if (reserve_port(AF_INET6) != 0) rows.push_back({"tcp_v6", tcp_v6::make});
        return rows;
    }();
    return table;
}

inline const transport* find_transport(const std::string& name) {
    for (const auto& row : transports())
        if (row.name == name) return &row;
    return nullptr;
}

// Runs one claim over the named transport; only IPv6 may be missing, and its absence is said.
inline void run_over(const std::string& name, void (*claim)(const transport&)) {
    const auto* over = find_transport(name);
    if (over != nullptr) {
        INFO("over " << name);
        claim(*over);
    } else if (name == "tcp_v6") {
        WARN("this kernel has no IPv6: not run");
    } else {
        FAIL("no transport " << name);
    }
}

template <class Transport>
constexpr const char* name_of() = delete;
template <>
constexpr const char* name_of<inproc>() {
    return "inproc";
}
template <>
constexpr const char* name_of<ipc_file>() {
    return "ipc_file";
}
template <>
constexpr const char* name_of<ipc_abstract>() {
    return "ipc_abstract";
}
template <>
constexpr const char* name_of<tcp_v4>() {
    return "tcp_v4";
}
template <>
constexpr const char* name_of<tcp_v6>() {
    return "tcp_v6";
}

}  // namespace conformance

#define GODWIT_JOIN_(a, b) a##b
#define GODWIT_JOIN(a, b) GODWIT_JOIN_(a, b)
// A test case for each transport; `over` is the transport inside the body.
#define GODWIT_OVER_AS(function, claim, ...)                                   \
    static void function(const ::conformance::transport& over);                \
    TEMPLATE_TEST_CASE(claim, "", __VA_ARGS__) {                               \
        ::conformance::run_over(::conformance::name_of<TestType>(), function); \
    }                                                                          \
    static void function([[maybe_unused]] const ::conformance::transport& over)
#define GODWIT_OVER(claim, ...) GODWIT_OVER_AS(GODWIT_JOIN(claim_, __COUNTER__), claim, __VA_ARGS__)
#define GODWIT_EACH_TRANSPORT(claim) GODWIT_OVER(claim, inproc, ipc_file, ipc_abstract, tcp_v4, tcp_v6)
