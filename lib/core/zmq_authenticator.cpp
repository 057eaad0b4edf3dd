#include "core/zmq_authenticator.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::detail {

namespace {

constexpr const char* zap_endpoint = "inproc://zeromq.zap.01";

bool receive_all(void* socket, std::vector<std::string>& frames) {
    frames.clear();
    bool more = true;
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) < 0) return false;
        frames.emplace_back(static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
        more = zmq_msg_more(&frame) != 0;
        zmq_msg_close(&frame);
    }
    return true;
}

}  // namespace

result<zmq_authenticator> zmq_authenticator::open(void* zmq_context) {
    zmq_handle socket{zmq_socket(zmq_context, ZMQ_REP)};
    if (!socket) return zmq_error(zap_endpoint, "cannot open");
    socket.set(ZMQ_LINGER, 0);
    if (zmq_bind(socket.get(), zap_endpoint) != 0) return zmq_error(zap_endpoint, "cannot bind");
    const int descriptor = socket.get_int(ZMQ_FD);
    return zmq_authenticator{std::move(socket), descriptor};
}

void zmq_authenticator::answer_all() {
    // Frames of a request: version, request id, domain, address, routing id, mechanism, credentials.
    constexpr std::size_t mechanism = 5;
    std::vector<std::string> request;
    while (receive_all(socket_.get(), request)) {
        const bool fits = request.size() > mechanism && request[0] == "1.0";
        const bool allowed = fits && request[2] == authentication_domain && request[mechanism] == "NULL";
        const std::string id = request.size() > 1 ? request[1] : std::string{};
        const std::string_view reply[] = {"1.0", id, allowed ? "200" : "400", allowed ? "OK" : "not allowed", "", ""};
        constexpr std::size_t last = std::size(reply) - 1;
        for (std::size_t i = 0; i <= last; ++i) {
            zmq_send(socket_.get(), reply[i].data(), reply[i].size(), ZMQ_DONTWAIT | (i < last ? ZMQ_SNDMORE : 0));
        }
    }
}

}  // namespace godwit::detail
