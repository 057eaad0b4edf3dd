// poller: waits on any number of sockets and foreign descriptors at once. Level-triggered: what is ready and is left
// alone is reported again. A socket that it reports was ready when it looked; another thread may have been faster.
// A socket may be in any number of pollers. Close a socket, or remove it, in any order: a closed one is reported once as
// `closed`, and then is gone from the poller.
// Threads: add, change and remove from any thread, also during a wait, which may still report what is removed beside
// it; wait by one thread at a time. Descriptors of the process: two, and two for each direction of a socket.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>

#include "godwit/export.hpp"
#include "godwit/result.hpp"
#include "godwit/socket.hpp"
#include "godwit/timeout.hpp"

namespace godwit {

struct ready {
    std::uint64_t tag = 0;  // as given to add()
    bool recv = false;      // a socket: recv would not wait; a descriptor: readable
    bool send = false;      // a socket: send would not wait; a descriptor: writable
    bool closed = false;    // a socket: closed; a descriptor: error or hang-up
};

class GODWIT_EXPORT poller {
public:
    poller();
    poller(poller&&) noexcept;
    poller& operator=(poller&&) noexcept;
    ~poller();

    // Fails with `invalid_argument` (in it already; a direction that the pattern does not have; a descriptor that cannot be
    // polled), `closed`, `no_resources`, `forked`. A descriptor's error or hang-up is reported whatever is asked.
    status add(const socket& which, interest what, std::uint64_t tag = 0);
    status add(int descriptor, interest what, std::uint64_t tag = 0);  // must stay open until it is removed
    // `not_found` if it is not in it; change fails also as add does, and leaves it as it was.
    status change(const socket& which, interest what);
    status change(int descriptor, interest what);
    status remove(const socket& which);
    status remove(int descriptor);

    // Waits until at least one is ready, fills `out` from its start and returns how many. With more ready than fit, the
    // rest comes first the next time; no room: 0 at once. What is ready goes before a stop. Fails with `timed_out`, `cancelled`, `no_resources`, `forked`.
    result<std::size_t> wait(std::span<ready> out, timeout limit = timeout::never, const std::stop_token& stop = {});

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace godwit
