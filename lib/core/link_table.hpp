// link_table: the connections of one libzmq socket, as its monitor tells of them, with a duplicate of each one's
// descriptor: for the peer's address, for seeing unsent bytes go out at close, and for ending a link.
// libzmq says that a handshake succeeded, but not on which connection: the oldest of its endpoint without one is taken
// that has sent enough for one (over tcp; over ipc the oldest); one that outlives the handshake limit has had one. The
// number of joined peers is right at once or corrected by then.
// What concerns limits is in link_table_limits.cpp.
// Threads: thread-safe, a leaf lock, but for peer_table's. The monitor's events come from the runner, in their order.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/access_state.hpp"
#include "base/unique_fd.hpp"
#include "core/accept_reserve.hpp"
#include "core/peer_table.hpp"
#include "core/seldom.hpp"

namespace godwit::detail {

// A link that is being closed: libzmq's own descriptor number, and our duplicate.
struct GODWIT_EXPORT parting_link {
    int original = -1;
    unique_fd duplicate;

    bool closed_by_libzmq() const noexcept;
    bool drained() const noexcept;  // the kernel has handed all over, or the peer is gone
};

// Who came to a bound endpoint is subject to limits; whom we dialled is not.
enum class link_origin : std::uint8_t { accepted, dialled };

struct link_limits {
    std::size_t handshakes = std::numeric_limits<std::size_t>::max();
    std::size_t peers = std::numeric_limits<std::size_t>::max();
};

class GODWIT_EXPORT link_table {
public:
    using clock = std::chrono::steady_clock;

    link_table(std::shared_ptr<peer_table> peers, clock::duration handshake_max, bool tells_closed,
               link_limits limits = {}, std::shared_ptr<accept_reserve> reserve = nullptr)
        : peers_{std::move(peers)},
          handshake_max_{handshake_max},
          tells_closed_{tells_closed},
          limits_{limits},
          reserve_{std::move(reserve)} {}

    void opened(int descriptor, std::string_view endpoint, link_origin from = link_origin::accepted);
    void shaken(std::string_view endpoint);
    void refused(std::string_view endpoint, std::string_view reason);
    // The same, if we refused at our door, and have said why.
    bool refused_by_us(std::string_view endpoint);
    void accept_failed(std::string_view endpoint, int number);  // of the error
    // False: it ended by itself and had never joined, or we had dialled it: libzmq dials again, unless what came by it was
    // garbled, which it takes for a peer that speaks something else.
    bool closed(int descriptor, std::string_view endpoint);
    clock::time_point settle_overdue();  // when to call again; max: no need
    // Of a link's peers that came to us: who has joined, and says nothing for that long, is named, once. When to call again.
    clock::time_point name_silent(clock::duration patience);
    void look_again() noexcept { changed_.store(true, std::memory_order_release); }

    // Of a link over tcp that has not shaken hands, taken by libzmq: more than any handshake, and what is read beside it.
    static constexpr std::uint64_t unshaken_bytes_max = 32 * 1024;
    struct talkers {
        std::vector<std::uint64_t> beyond;  // serials of links
        bool any_tcp = false;               // some wait, and may talk
    };
    // The monitor is to be read between the two: a peer may have shaken hands and sent much since it was read last.
    talkers talking_unshaken();
    void end_unshaken(std::span<const std::uint64_t> beyond);

    // Links, told of since then, that libzmq has closed. The monitor is to be read between the two: what it tells of their
    // end comes first.
    std::vector<std::uint64_t> vanished(clock::time_point since);  // their serials
    void end_vanished(std::span<const std::uint64_t> gone);
    // Whether the number is libzmq's no more, and not of that connection.
    static bool is_closed(int original, const unique_fd& duplicate) noexcept;

    // Ends the link, because its peer went beyond what `limit` says; false: there is none such, or it is ended already.
    bool end(int descriptor, std::string_view limit);
    // The descriptors of the joined links from that one on, at most so many, as `see(serial, descriptor,
    // duplicate)`; returns the next one to begin with, 0 at the end. `see` must not call back.
    template <class See>
    std::uint64_t each_joined(std::uint64_t from, std::size_t at_most, See&& see) {
        const std::lock_guard hold{lock_};
        for (auto one = joined_.lower_bound(from); one != joined_.end(); ++one) {
            if (at_most-- == 0) return one->first;
            see(one->first, one->second, links_.find(one->second)->second.duplicate.get());
        }
        return 0;
    }

    // Whose link it is. A descriptor's number is used again and again; the serial of the handshake tells which link of that
    // number a message came by: a link's is above all that were given out before it opened.
    std::uint64_t next_serial();
    bool belongs(int descriptor, const admission& who);  // true: that link is here, and libzmq has not closed it
    bool is_accepted(int descriptor);                    // false also: there is no such link
    struct ended_link {
        std::string endpoint, words;
    };
    // Ends the links of these keys and, if wanted, those that came to us and that no key is known of.
    std::vector<ended_link> end_links(std::span<const public_key> keys, bool unnamed);
    void end_link(int descriptor, std::string_view reason = "ended by us");
    void end_dialled(std::string_view endpoint, std::string_view reason);
    bool any_joined(std::string_view endpoint);
    std::string endpoint_of(int descriptor);  // "": not here

    // Whether links have joined or ended since the last take_changed().
    bool changed() const noexcept { return changed_.load(std::memory_order_relaxed); }
    bool take_changed() noexcept { return changed() && changed_.exchange(false, std::memory_order_acq_rel); }

    std::vector<int> take_closed();  // descriptors closed since the last call, if it tells them
    std::vector<parting_link> part(std::string_view endpoint);        // forgets them; "" is all; their peers have left
    std::vector<parting_link> part_links(std::string_view endpoint);  // but not how handshakes went there

private:
    using serial = std::uint64_t;                    // the order in which links were opened, and handshakes answered
    using in_order = std::map<serial, int>;          // descriptors
    struct place {                                   // an endpoint
        in_order waiting;                            // for their handshakes
        unsigned closes = 0;                         // in a row, without a handshake or a reason
        bool reason_given = false;                   // for the next close
        bool bound = false;                          // links came to us there
        std::vector<clock::time_point> doubts = {};  // handshakes that may have been another's
    };
    using place_of = std::map<std::string, place, std::less<>>;
    enum class stage : std::uint8_t { waiting, joined, ended };
    struct link {
        unique_fd duplicate;
        place_of::iterator at;
        clock::time_point since;
        serial number;
        link_origin from;
        stage now = stage::waiting;
        std::uint64_t peer_id = 0;
        admission who = {};     // serial 0: not known
        bool doubtful = false;  // may have shaken hands: another was taken for it
        bool pardoned = false;  // for that
        bool named = false;     // as silent
    };
    place_of::iterator place_at(std::string_view endpoint);
    void forget(int descriptor, link& which);  // from what lists it, but links_
    void join(int descriptor);
    std::vector<parting_link> take_out(std::string_view endpoint);
    void end(link& which, std::string_view reason = "ended by us");
    void make_room();
    void count_silent_close(place_of::iterator at, link_origin from);
    std::optional<int> likely_shaken(place& at);
    bool take_doubt(place& at);
    clock::duration patience() const noexcept { return handshake_max_ + std::chrono::milliseconds{500}; }
    void tell(event_kind kind, seldom& row, std::string_view endpoint, std::string_view detail);

    const std::shared_ptr<peer_table> peers_;
    const clock::duration handshake_max_;
    const bool tells_closed_;
    const link_limits limits_;
    const std::shared_ptr<accept_reserve> reserve_;  // used by what the runner calls; null: none

    std::atomic<bool> changed_{false};

    std::mutex lock_;
    // Guarded by lock_:
    serial last_ = 0;
    std::unordered_map<int, link> links_;  // by libzmq's descriptor
    in_order waiting_;                     // of all places
    in_order joined_;
    place_of places_;
    std::vector<int> closed_;
    unsigned vain_failures_ = 0;  // to accept, since a link was
    seldom made_room_, talked_, refused_peers_, refused_descriptors_, silent_;
};

}  // namespace godwit::detail
