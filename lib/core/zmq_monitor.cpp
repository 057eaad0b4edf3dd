#include "core/zmq_monitor.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/zmq_one_frame.hpp"

namespace godwit::detail {

namespace {

// Not ZMQ_EVENT_BIND_FAILED: telling of it overwrites the errno by which zmq_bind says why.
constexpr int events_wanted = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_CONNECTED |
                              ZMQ_EVENT_CONNECT_DELAYED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED |
                              ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                              ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                              ZMQ_EVENT_MONITOR_STOPPED;

}  // namespace

result<zmq_monitor> zmq_monitor::open(void* zmq_context, void* watched) {
    static std::atomic<unsigned> last_number{0};
    const std::string name = "inproc://godwit.monitor." + std::to_string(++last_number);
    if (uninterrupted([&] { return zmq_socket_monitor(watched, name.c_str(), events_wanted); }) != 0)
        return zmq_error(name, "cannot monitor by");
    zmq_handle pair{zmq_socket(zmq_context, ZMQ_PAIR)};
    if (!pair) return zmq_error(name, "cannot open");
    pair.set(ZMQ_LINGER, 0);
    pair.set(ZMQ_RCVHWM, 0);
    if (pair.connect(name) != 0) return zmq_error(name, "cannot connect to");
    const int descriptor = pair.get_int(ZMQ_FD);
    return zmq_monitor{std::move(pair), descriptor};
}

std::optional<monitor_event> zmq_monitor::next() {
    zmq_msg_t number, address;
    if (receive_frame(pair_.get(), number) < 0) return std::nullopt;
    monitor_event event{};
    if (zmq_msg_size(&number) >= sizeof event.kind + sizeof event.value) {
        const auto* bytes = static_cast<const char*>(zmq_msg_data(&number));
        std::memcpy(&event.kind, bytes, sizeof event.kind);
        std::memcpy(&event.value, bytes + sizeof event.kind, sizeof event.value);
    }
    const bool more = zmq_msg_more(&number) != 0;
    zmq_msg_close(&number);
    if (!more) return event;
    if (receive_frame(pair_.get(), address) >= 0) {
        event.endpoint.assign(static_cast<const char*>(zmq_msg_data(&address)), zmq_msg_size(&address));
    }
    zmq_msg_close(&address);
    return event;
}

std::string refusal_in_words(const monitor_event& failure) {
    switch (failure.kind) {
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            return "the other side refused us (authentication), status " + std::to_string(failure.value);
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: {
            if (failure.value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
                return "the two sides use different security mechanisms";
            char code[16];
            std::snprintf(code, sizeof code, "0x%08x", failure.value);
            return std::string{"the peer broke the ZMTP 3 protocol, code "} + code;
        }
        default:
            return std::string{"the connection ended during the handshake: "} +
                   std::strerror(static_cast<int>(failure.value));
    }
}

}  // namespace godwit::detail
