// The little that the raw libzmq programs share: a context that ends, sockets that say why they failed.
#pragma once
#include <zmq.h>

#include <cstring>

#include "arguments.hpp"
#include "flood.hpp"

namespace bench {

inline void check(int code) {
    if (code < 0) fail(zmq_strerror(zmq_errno()));
}

// Of both encrypted ends, made before they part.
struct raw_keys {
    char open[41] = {};
    char secret[41] = {};
    static const raw_keys& of_this_run() {
        static const raw_keys made = [] {
            raw_keys keys;
            check(zmq_curve_keypair(keys.open, keys.secret));
            return keys;
        }();
        return made;
    }
};

struct raw_context {
    void* handle = zmq_ctx_new();
    raw_context() = default;
    raw_context(const raw_context&) = delete;
    ~raw_context() { zmq_ctx_term(handle); }
};

struct raw_socket {
    void* handle;
    raw_socket(raw_context& context, int type) : handle{zmq_socket(context.handle, type)} {
        if (handle == nullptr) fail(zmq_strerror(zmq_errno()));
    }
    raw_socket(raw_socket&& other) noexcept : handle{other.handle} { other.handle = nullptr; }
    ~raw_socket() {
        if (handle != nullptr) zmq_close(handle);
    }

    void set(int option, int value) { check(zmq_setsockopt(handle, option, &value, sizeof value)); }
    void set(int option, const char* value) { check(zmq_setsockopt(handle, option, value, std::strlen(value) + 1)); }
    void bind(const arguments& args) {
        if (args.curve) {
            set(ZMQ_CURVE_SECRETKEY, raw_keys::of_this_run().secret);
            set(ZMQ_CURVE_SERVER, 1);
        }
        check(zmq_bind(handle, args.url.c_str()));
    }
    void connect(const arguments& args) {
        if (args.curve) {
            const auto& keys = raw_keys::of_this_run();
            set(ZMQ_CURVE_SERVERKEY, keys.open);
            set(ZMQ_CURVE_PUBLICKEY, keys.open);
            set(ZMQ_CURVE_SECRETKEY, keys.secret);
        }
        check(zmq_connect(handle, args.url.c_str()));
    }

    void send(const void* data, std::size_t size, int flags = 0) {
        zmq_msg_t message;
        check(zmq_msg_init_size(&message, size));
        if (size != 0) std::memcpy(zmq_msg_data(&message), data, size);
        check(zmq_msg_send(&message, handle, flags));
    }
    // Looks at the next frame, which is then dropped.
    template <class Look>
    auto recv(Look look) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        check(zmq_msg_recv(&message, handle, 0));
        const auto seen = look(zmq_msg_data(&message), zmq_msg_size(&message));
        zmq_msg_close(&message);
        return seen;
    }
    std::size_t recv() {
        return recv([](const void*, std::size_t size) { return size; });
    }
    // Adds it to a counter; false when it ends the flood.
    bool recv_into(counter& mine) {
        return recv([&](const void* data, std::size_t size) { return mine.count(data, size); });
    }
};

}  // namespace bench
