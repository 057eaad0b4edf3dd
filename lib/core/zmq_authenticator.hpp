// zmq_authenticator: answers libzmq's authentication requests (ZAP, RFC 27). That one answers at all keeps ZMTP 1.0 and
// 2.0 and other noise off the sockets: libzmq then insists on a full handshake. Read by the runner alone.
#pragma once
#include <string_view>

#include "core/zmq_handle.hpp"

namespace godwit::detail {

inline constexpr std::string_view authentication_domain = "godwit";

class zmq_authenticator {
public:
    // Must be there before any socket binds. Fails with `no_resources`, `io`.
    static result<zmq_authenticator> open(void* zmq_context);

    int descriptor() const noexcept { return descriptor_; }
    void answer_all();

private:
    zmq_authenticator(zmq_handle&& socket, int descriptor) noexcept
        : socket_{std::move(socket)}, descriptor_{descriptor} {}

    zmq_handle socket_;
    int descriptor_;
};

}  // namespace godwit::detail
