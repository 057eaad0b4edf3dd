#include "system/relay.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace system_tests {

namespace {

constexpr std::size_t waiting_bytes_max = 256u << 10;
constexpr int buffer_bytes = 64 << 10;  // the kernel's, so that a blocked way is soon full

struct address {
    sockaddr_storage name{};
    socklen_t length = 0;
    std::string path;  // of an ipc file
};

address parse(const std::string& url) {
    address made;
    if (url.starts_with("tcp://127.0.0.1:")) {
        sockaddr_in four{};
        four.sin_family = AF_INET;
        four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        four.sin_port = htons(static_cast<std::uint16_t>(std::stoul(url.substr(16))));
        std::memcpy(&made.name, &four, sizeof four);
        made.length = sizeof four;
    } else if (url.starts_with("ipc://")) {
        sockaddr_un local{};
        local.sun_family = AF_UNIX;
        const auto path = url.substr(6);
        path.copy(local.sun_path, sizeof local.sun_path - 1);
        made.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
        if (path.starts_with('@')) {
            local.sun_path[0] = '\0';
        } else {
            made.path = path;
            ++made.length;
        }
        std::memcpy(&made.name, &local, sizeof local);
    } else {
        throw std::runtime_error{"a relay cannot stand at " + url};
    }
    return made;
}

int open_socket(const address& at, int flags) {
    const int fd = ::socket(at.name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) throw std::runtime_error{"a relay has no socket"};
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    return fd;
}

const sockaddr* name_of(const address& at) { return reinterpret_cast<const sockaddr*>(&at.name); }

void flow_at_once(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

}  // namespace

relay::relay(const std::string& at, const std::string& to) : to_{to} {
    const auto here = parse(at);
    listener_ = open_socket(here, SOCK_NONBLOCK);
    bell_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (::bind(listener_, name_of(here), here.length) != 0 || ::listen(listener_, 1024) != 0) {
        throw std::runtime_error{"a relay cannot listen at " + at + ": " + std::strerror(errno)};
    }
    path_ = here.path;
    thread_ = std::thread{[this] { run(); }};
}

relay::~relay() {
    change([&] { ending_ = true; });
    thread_.join();
    for (auto& one : links_) end(one, true);
    ::close(listener_);
    ::close(bell_);
    if (!path_.empty()) ::unlink(path_.c_str());
}

template <class Change>
void relay::change(Change&& what) {
    const std::lock_guard hold{lock_};
    what();
    const std::uint64_t one = 1;
    (void)!::write(bell_, &one, sizeof one);
}

void relay::cut_next_at(side from, std::uint64_t byte) {
    change([&] { cut_at_[static_cast<unsigned>(from)] = byte; });
}
void relay::flip_next_at(side from, std::uint64_t byte) {
    change([&] { flip_at_[static_cast<unsigned>(from)] = byte; });
}
void relay::block(side from, bool on) {
    change([&] { blocked_[static_cast<unsigned>(from)] = on; });
}
void relay::freeze(bool on) {
    change([&] { frozen_ = on; });
}
void relay::hang(bool on) {
    change([&] { hanging_ = on; });
}
void relay::delay(std::chrono::milliseconds by) {
    change([&] { delay_ = by; });
}
void relay::throttle(std::size_t bytes_per_second) {
    change([&] { bytes_per_second_ = bytes_per_second; });
}

void relay::cut() {
    change([&] {
        for (auto& one : links_) end(one, true);
        links_.clear();
    });
}

std::size_t relay::links() const {
    const std::lock_guard hold{lock_};
    return links_.size();
}

std::uint64_t relay::passed(side from) const { return passed_[static_cast<unsigned>(from)]; }

void relay::run() {
    std::vector<pollfd> watched;
    for (;;) {
        auto next = clock::time_point::max();
        {
            const std::lock_guard hold{lock_};
            if (ending_) return;
            watched.assign({{bell_, POLLIN, 0}, {listener_, POLLIN, 0}});
            watch(watched, next, clock::now());
        }
        const auto left =
            next == clock::time_point::max()
                ? std::int64_t{-1}
                : std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count());
        ::poll(watched.data(), watched.size(), static_cast<int>(left));
        std::uint64_t rung = 0;
        (void)!::read(bell_, &rung, sizeof rung);
        const std::lock_guard hold{lock_};
        accept_one();
        if (frozen_) continue;
        const auto now = clock::now();
        std::erase_if(links_, [&](link& one) { return !step(one, now); });
    }
}

bool relay::reads(const link& of, unsigned from) const {
    const auto& way = of.streams[from];
    return !blocked_[from] && !way.ended && way.waiting_bytes < waiting_bytes_max;
}

void relay::watch(std::vector<pollfd>& watched, clock::time_point& next, clock::time_point now) const {
    if (frozen_) return;
    for (const auto& one : links_) {
        for (unsigned from = 0; from < 2; ++from) {
            const auto& back = one.streams[1 - from];
            short events = reads(one, from) ? POLLIN : 0;
            if (!back.waiting.empty()) {
                const auto due = std::max(back.waiting.front().due, back.next);
                due <= now ? void(events |= POLLOUT) : void(next = std::min(next, due));
            }
            if (events != 0 && one.ends[from] >= 0) watched.push_back({one.ends[from], events, 0});
        }
    }
}

void relay::accept_one() {
    const int dialler = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (dialler < 0) return;
    ++accepted_;
    flow_at_once(dialler);
    link made{{dialler, -1}, {}};
    if (!hanging_) {
        const auto there = parse(to_);
        made.ends[1] = open_socket(there, 0);
        if (::connect(made.ends[1], name_of(there), there.length) != 0) return end(made, true);
        flow_at_once(made.ends[1]);
    }
    for (unsigned from = 0; from < 2; ++from) {
        made.streams[from].cut_at = std::exchange(cut_at_[from], std::nullopt);
        made.streams[from].flip_at = std::exchange(flip_at_[from], std::nullopt);
    }
    links_.push_back(std::move(made));
}

bool relay::step(link& of, clock::time_point now) {
    if (of.ends[1] < 0) return true;
    for (unsigned from = 0; from < 2; ++from) {
        if (!take_in(of, from, now) || !pass_on(of, from, now)) return end(of, true), false;
    }
    const bool over = std::ranges::all_of(of.streams, [](const auto& way) { return way.ended && way.waiting.empty(); });
    if (over) end(of, false);
    return !over;
}

// False: that end was reset.
bool relay::take_in(link& of, unsigned from, clock::time_point now) {
    auto& way = of.streams[from];
    char buffer[16 << 10];
    while (reads(of, from)) {
        const auto got = ::recv(of.ends[from], buffer, sizeof buffer, 0);
        if (got < 0) return errno == EAGAIN || errno == EINTR;
        if (got == 0) {
            way.ended = true;
            if (way.waiting.empty()) ::shutdown(of.ends[1 - from], SHUT_WR);
            break;
        }
        way.waiting.push_back({now + delay_, std::string(buffer, static_cast<std::size_t>(got))});
        way.waiting_bytes += static_cast<std::size_t>(got);
    }
    return true;
}

// False: the other end was reset, or is to be.
bool relay::pass_on(link& of, unsigned from, clock::time_point now) {
    auto& way = of.streams[from];
    while (!way.waiting.empty() && way.waiting.front().due <= now && way.next <= now) {
        auto& data = way.waiting.front().data;
        std::size_t size = data.size();
        if (bytes_per_second_ != 0) size = std::min(size, std::max<std::size_t>(1, bytes_per_second_ / 100));
        if (way.cut_at) {
            if (way.passed >= *way.cut_at) return false;
            size = std::min<std::size_t>(size, *way.cut_at - way.passed);
        }
        if (way.flip_at && *way.flip_at >= way.passed && *way.flip_at < way.passed + data.size()) {
            auto& byte = data[*way.flip_at - way.passed];
            byte = static_cast<char>(~byte);
            way.flip_at.reset();
        }
        // Counted before: whoever is woken by these bytes finds them counted.
        passed_[from] += size;
        const auto sent = ::send(of.ends[1 - from], data.data(), size, MSG_NOSIGNAL);
        const auto count = sent < 0 ? 0 : static_cast<std::size_t>(sent);
        passed_[from] -= size - count;
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        way.passed += count;
        way.waiting_bytes -= count;
        if (bytes_per_second_ != 0)
            way.next = now + std::chrono::nanoseconds{1'000'000'000 * count / bytes_per_second_};
        data.erase(0, count);
        if (data.empty()) way.waiting.pop_front();
        if (way.ended && way.waiting.empty()) ::shutdown(of.ends[1 - from], SHUT_WR);
    }
    return !(way.cut_at && way.passed >= *way.cut_at && !way.waiting.empty());
}

void relay::end(link& of, bool by_reset) {
    for (int& fd : of.ends) {
        if (fd < 0) continue;
        const linger at_once{by_reset ? 1 : 0, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ::close(std::exchange(fd, -1));
    }
}

}  // namespace system_tests
