#include "curve_relay.hpp"

#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "failure.hpp"
#include "godwit/push.hpp"
#include "zmtp.hpp"

namespace tool {

namespace {

using clock = probe_line::clock;
using outcome = probe_line::outcome;

// Listens at an abstract path that the system chooses.
class doorway {
public:
    doorway() : listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        socklen_t size = sizeof name.sun_family;
        auto* const address = reinterpret_cast<sockaddr*>(&name);
        if (!listener_.is_open() || ::bind(listener_.get(), address, size) != 0 || ::listen(listener_.get(), 1) != 0) {
            throw failure{exit_failed, std::string{"cannot listen for a moment: "} + std::strerror(errno)};
        }
        size = sizeof name;
        ::getsockname(listener_.get(), address, &size);
        url_ = "ipc://@" + std::string(name.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
    }
    const std::string& url() const noexcept { return url_; }
    const descriptor& listener() const noexcept { return listener_; }

private:
    descriptor listener_;
    std::string url_;
};

// Carries what the one said last to the other.
outcome carry(probe_line& from, probe_line& to, std::size_t& carried, clock::time_point deadline) {
    const std::string_view fresh = std::string_view{from.received()}.substr(carried);
    carried = from.received().size();
    return to.write(fresh, deadline);
}

}  // namespace

welcome ask_for_welcome(const godwit::socket_options& settings, const place& server, const interruption& interrupted,
                        clock::time_point deadline) {
    constexpr std::size_t bytes_max = 4096;  // of a handshake, each way
    const doorway door;
    godwit::context context;
    godwit::push asking{context, settings};
    asking.connect(door.url()).value();
    probe_line client{interrupted};
    probe_line peer{interrupted};
    if (client.accept(door.listener(), deadline) != outcome::done) return welcome::timed_out;
    if (peer.dial(server, deadline) != outcome::done) return welcome::timed_out;

    std::size_t from_client = 0;
    std::size_t from_peer = 0;
    zmtp::command said;
    while (true) {
        outcome moved = probe_line::read_either(client, peer, bytes_max, deadline);
        if (zmtp::parse_command(peer.received(), said) == zmtp::progress::done) {
            return said.name == "WELCOME" ? welcome::given : welcome::refused;
        }
        if (moved == outcome::done) moved = carry(client, peer, from_client, deadline);
        if (moved == outcome::done) moved = carry(peer, client, from_peer, deadline);
        if (moved == outcome::timed_out) return welcome::timed_out;
        if (moved != outcome::done) return welcome::refused;
    }
}

}  // namespace tool
