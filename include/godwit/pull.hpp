// pull: receives from all connected pushes, fairly. Wire: PULL. Threads: see socket; each message goes to one caller.
#pragma once
#include <span>
#include <stop_token>

#include "godwit/delivery.hpp"
#include "godwit/socket.hpp"

namespace godwit {

class GODWIT_EXPORT pull : public socket {
public:
    explicit pull(context& owner, const socket_options& options = {});

    // Waits for a message. Fails with `timed_out`, `cancelled`, `closed`.
    result<delivery> recv();
    result<delivery> recv(timeout limit, const std::stop_token& stop = {});
    // Waits for at least one, then takes what is there, at most out.size(); returns how many. Fails as recv does.
    result<std::size_t> recv_many(std::span<delivery> out, timeout limit = timeout::never,
                                  const std::stop_token& stop = {});
};

}  // namespace godwit
