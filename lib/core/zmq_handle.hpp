// zmq_handle: owns one libzmq socket. zmq_error: the last libzmq error as one of ours.
#pragma once
#include <zmq.h>

#include <string>
#include <string_view>
#include <utility>

#include "core/zmq_again.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

// ZMQ_ZAP_ENFORCE_DOMAIN: understood by every libzmq since 4.3.0, but named in its header only among the drafts.
inline constexpr int zmq_enforce_domain = 93;

class zmq_handle {
public:
    zmq_handle() noexcept = default;
    explicit zmq_handle(void* socket) noexcept : socket_{socket} {}
    zmq_handle(zmq_handle&& other) noexcept : socket_{std::exchange(other.socket_, nullptr)} {}
    zmq_handle& operator=(zmq_handle&& other) noexcept {
        std::swap(socket_, other.socket_);
        return *this;
    }
    ~zmq_handle() { reset(); }

    explicit operator bool() const noexcept { return socket_ != nullptr; }
    void* get() const noexcept { return socket_; }
    void reset() noexcept {
        if (socket_ != nullptr) zmq_close(std::exchange(socket_, nullptr));
    }

    void set(int option, int value) noexcept { zmq_setsockopt(socket_, option, &value, sizeof value); }
    int bind(const std::string& url) noexcept {
        return uninterrupted([&] { return zmq_bind(socket_, url.c_str()); });
    }
    int unbind(const std::string& url) noexcept {
        return uninterrupted([&] { return zmq_unbind(socket_, url.c_str()); });
    }
    int connect(const std::string& url) noexcept {
        return uninterrupted([&] { return zmq_connect(socket_, url.c_str()); });
    }
    int disconnect(const std::string& url) noexcept {
        return uninterrupted([&] { return zmq_disconnect(socket_, url.c_str()); });
    }

    int get_int(int option) const noexcept {
        int value = 0;
        std::size_t size = sizeof value;
        uninterrupted([&] { return zmq_getsockopt(socket_, option, &value, &size); });
        return value;
    }

private:
    void* socket_ = nullptr;
};

error zmq_error(std::string_view value, std::string_view what_failed);

// Whether the process can open the few descriptors that libzmq takes for a context or a socket: it aborts where it
// cannot. A check, not a promise: another thread may take them in between.
bool descriptors_to_spare() noexcept;

}  // namespace godwit::detail
