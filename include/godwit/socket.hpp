// socket: what the six patterns have in common: endpoints, peers, events, closing.
// URLs: inproc://NAME, ipc://PATH (up to 107 bytes), ipc://@NAME (abstract), tcp://HOST:PORT. To bind, HOST is an
// address, [v6 address], interface name, localhost or * (all), and PORT may be * (the system chooses); to connect,
// HOST may be any name. Bind and connect in any order, as often as wanted, over any transports together.
// Threads: every member but move and destructor may be called from any thread at any time; a blocked call holds up
// nobody. Blocking calls end by their timeout, by their stop token, and by close(). EINTR is not seen.
// Out of memory a call fails with `no_resources` or lets std::bad_alloc out, and has done nothing then; but one message
// that is being received may be lost.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/assembly.hpp"
#include "godwit/context.hpp"
#include "godwit/key.hpp"
#include "godwit/peer.hpp"
#include "godwit/reliability.hpp"
#include "godwit/report.hpp"
#include "godwit/result.hpp"
#include "godwit/timeout.hpp"

namespace godwit {

class poller;

namespace detail {
class plain_socket;
}

// What a socket, or a foreign descriptor, is waited on for.
enum class interest : std::uint8_t { recv = 1, send = 2, both = 3 };

class GODWIT_EXPORT socket {
public:
    // Returns the endpoint as bound, with the real port. Fails with `invalid_endpoint`, `insecure`, `address_in_use`
    // (also: an ipc path with a living owner; a dead owner's is reclaimed), `not_found`, `no_resources`,
    // `invalid_argument` (an option), `closed`, `io`. Beside an ipc path a file PATH.lock is kept. May block on files.
    result<std::string> bind(std::string_view url);
    // ok does not mean connected: dials in the background until disconnect, with capped, jittered back-off.
    // Fails as bind does; a host name that does not resolve now is `not_found`. May block while a name is resolved.
    // While a dialled name has no link its host is looked up again, in the background, at those pauses and one name at a
    // time: what is elsewhere now is dialled there, and what was queued for the old place is lost (unsent_lost). A place
    // where connect() would be `insecure` is not dialled (name_refused); what does not resolve is tried where it was.
    status connect(std::string_view url);
    status connect(std::string_view url, const public_key& server);  // instead of the server_key in the options
    // Ends what one bind() (as given or as returned) or connect() began, its links too; `not_found` if there is none
    // such. What was sent may go out for at most `linger`, in the background.
    status unbind(std::string_view url);
    status disconnect(std::string_view url);

    // Replaces the options; `too_late` after the first bind or connect.
    status configure(const socket_options& options);

    // Waits until at least `count` peers are joined. Fails with `timed_out`, `cancelled`, `closed`.
    status wait_for_peers(std::size_t count, timeout limit = timeout::never, const std::stop_token& stop = {});
    std::vector<peer> peers() const;  // a copy of the table
    socket_stats stats() const;
    // The next event, oldest first. Fails with `timed_out`, `cancelled`, `closed` (once the queue is empty).
    result<event> next_event(timeout limit = timeout::never, const std::stop_token& stop = {});

    socket_report report() const;
    delivery_stats delivery_counters() const;  // of a reliable socket; else zeros

    // For a foreign event loop: a descriptor that is readable while recv (interest::recv), or send (interest::send),
    // would not have to wait, like any other: level-triggered. Watch it for reading, for either. It stays readable until a
    // call has met `timed_out` (with a timeout of zero) or a recv_many did not fill, and may be readable for nothing: so
    // take until then (an edge-triggered loop must), or one a wake-up. A closed socket's is readable for ever; so is a
    // pub's. rep: a request; req: the reply to some open request (pending::ready). The same one at each call, two
    // descriptors of the process each; valid until the handle is destroyed; only poll it, never read it or close it. Fails
    // with `invalid_argument` (both; a direction that the pattern does not have), `no_resources`, `closed`, `forked`.
    result<int> descriptor(interest what = interest::recv);

    // Ends every blocked call with `closed` and lets unsent messages go out for at most `limit`, or the linger option.
    // ok: all was handed to the system and, over ipc and tcp, taken by the peer's. `timed_out`: some was not, and is
    // given up. How many, libzmq does not tell. A second call does nothing. A peer that was never there gets nothing.
    // A peer that we dialled and that refuses us, also one that has long been served (a key that is revoked), loses what is
    // queued for it (unsent_lost). A push or req that has sent since it dialled there answers `timed_out` then, for which
    // of it was taken cannot be told; unless it has wait_for_peer, and so queues for nobody who has not agreed.
    // With modules it waits until all that was sent is settled, and what recv() gave out, too; then says good-bye to the
    // peers, who get what was only prefetched. `timed_out` tells how many records were not settled.
    status close();
    status close(timeout limit);

    socket(socket&&) noexcept;
    socket& operator=(socket&&) noexcept;  // the old one is closed as by the destructor
    // Closes without waiting: what is unsent may go out, and what is unsettled be settled, in the background for the linger
    // time, while the context lives; what a memory log has left then is lost.
    ~socket();

protected:
    socket(context& owner, int pattern, const socket_options& options);
    socket(context& owner, int pattern, assembly&& modules);
    detail::plain_socket& state() const noexcept { return *state_; }
    const std::shared_ptr<detail::plain_socket>& shared_state() const noexcept { return state_; }

private:
    friend class poller;
    std::shared_ptr<detail::plain_socket> state_;
};

}  // namespace godwit
