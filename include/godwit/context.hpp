// context: the home of sockets; one per process is usual. It owns libzmq's I/O threads and one runner thread, both
// started by the first ipc or tcp endpoint, so that constructing cannot fail. inproc:// names are its own.
// Threads: thread-safe. It may end before its sockets: their calls then return `closed`.
// A child after fork() must make its own: every call on a parent's handle there is `forked`.
#pragma once
#include <memory>

#include "godwit/export.hpp"
#include "godwit/options.hpp"
#include "godwit/report.hpp"
#include "godwit/result.hpp"

namespace godwit {

namespace detail {
struct context_access;
class context_state;
}  // namespace detail

class GODWIT_EXPORT context {
public:
    explicit context(context_options options = {});
    context(context&&) noexcept;
    context& operator=(context&&) noexcept;  // closes the old one first, as the destructor does
    ~context();                              // close(), at most as long as the sockets' linger

    // Ends every blocked call with `closed`, lets unsent messages go out, each at most its socket's linger, and stops
    // the threads. `timed_out` if `limit` comes first (what is left goes on in the background). Idempotent; blocks.
    status close(timeout limit = timeout::never);

    context_report report() const;  // of its open sockets

private:
    friend class socket;
    friend struct detail::context_access;
    explicit context(std::shared_ptr<detail::context_state> state) noexcept;
    std::shared_ptr<detail::context_state> state_;
};

}  // namespace godwit
