// zmq_monitor: what libzmq tells of one socket's connections, read by the runner alone.
// A monitor that nobody reads stops libzmq's I/O thread, so its queue has no limit and the runner always reads.
// Source of the event format: zmq_socket_monitor(3), version 1.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/zmq_handle.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

struct monitor_event {
    std::uint16_t kind;   // ZMQ_EVENT_…
    std::uint32_t value;  // a descriptor, an errno, a protocol error or an interval, by kind
    std::string endpoint;
};

class GODWIT_EXPORT zmq_monitor {
public:
    static result<zmq_monitor> open(void* zmq_context, void* watched);

    int descriptor() const noexcept { return descriptor_; }
    std::optional<monitor_event> next();      // nullopt: nothing more now
    void close() noexcept { pair_.reset(); }  // no next() after it

private:
    zmq_monitor(zmq_handle&& pair, int descriptor) noexcept : pair_{std::move(pair)}, descriptor_{descriptor} {}

    zmq_handle pair_;
    int descriptor_;
};

GODWIT_EXPORT std::string refusal_in_words(const monitor_event& failure);  // for the ZMQ_EVENT_HANDSHAKE_FAILED_… kinds

}  // namespace godwit::detail
