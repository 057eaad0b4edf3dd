// zmq_pair: two libzmq sockets, connected over inproc, for the tests of what lies directly on libzmq.
#pragma once
#include <zmq.h>

#include <stdexcept>
#include <string>

#include "core/zmq_handle.hpp"

namespace godwit::testing {

struct zmq_world {
    zmq_world() : context{zmq_ctx_new()} {}
    zmq_world(const zmq_world&) = delete;
    zmq_world& operator=(const zmq_world&) = delete;
    ~zmq_world() { zmq_ctx_term(context); }

    detail::zmq_handle socket(int type) const {
        detail::zmq_handle made{zmq_socket(context, type)};
        if (!made) throw std::runtime_error{"zmq_socket"};
        made.set(ZMQ_LINGER, 0);
        made.set(ZMQ_RCVTIMEO, 20'000);
        return made;
    }
    void* const context;
};

// Declared in this order, so that the sockets are closed before their context ends.
struct zmq_pair {
    explicit zmq_pair(int near_type = ZMQ_PAIR, int far_type = ZMQ_PAIR, int queue = 1000)
        : near{world.socket(near_type)}, far{world.socket(far_type)} {
        for (detail::zmq_handle* const each : {&near, &far}) {
            each->set(ZMQ_SNDHWM, queue);
            each->set(ZMQ_RCVHWM, queue);
        }
        if (zmq_bind(near.get(), "inproc://pair") != 0 || zmq_connect(far.get(), "inproc://pair") != 0) {
            throw std::runtime_error{zmq_strerror(zmq_errno())};
        }
    }
    zmq_world world;
    detail::zmq_handle near;
    detail::zmq_handle far;
};

}  // namespace godwit::testing
