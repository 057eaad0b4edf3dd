// link_table: the connections of one libzmq socket, as its monitor tells of them, with a duplicate of each one's
// descriptor: for the peer's address, for seeing unsent bytes go out at close, and for ending a link.
// libzmq says that a handshake succeeded, but not on which connection: the oldest of its endpoint without one is taken;
// one that outlives the handshake limit has had one. The number of joined peers is right at once or corrected by then.
// Threads: thread-safe, a leaf lock, but for peer_table's. The monitor's events come from the runner, in their order.
#pragma once
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "core/peer_table.hpp"

namespace godwit::detail {

// A link that is being closed: libzmq's own descriptor number, and our duplicate.
struct GODWIT_EXPORT parting_link {
    int original = -1;
    unique_fd duplicate;

    bool closed_by_libzmq() const noexcept;
    bool drained() const noexcept;  // the kernel has handed all over, or the peer is gone
};

class GODWIT_EXPORT link_table {
public:
    using clock = std::chrono::steady_clock;

    link_table(std::shared_ptr<peer_table> peers, clock::duration handshake_max, bool tells_closed)
        : peers_{std::move(peers)}, handshake_max_{handshake_max}, tells_closed_{tells_closed} {}

    void opened(int descriptor, std::string_view endpoint);
    void shaken(std::string_view endpoint);
    void refused(std::string_view endpoint, std::string_view reason);
    bool closed(int descriptor, std::string_view endpoint);  // true: it had been joined
    clock::time_point settle_overdue();                      // when to call again; max: no need

    std::vector<int> take_closed();  // descriptors closed since the last call, if it tells them
    std::vector<parting_link> part(std::string_view endpoint);  // forgets them; "" is all; their peers have left

private:
    struct link {
        int descriptor;
        unique_fd duplicate;
        std::string endpoint;
        clock::time_point since;
        bool joined;
        std::uint64_t peer_id;
    };
    void join(link& which);
    void count_silent_close(std::string_view endpoint);

    const std::shared_ptr<peer_table> peers_;
    const clock::duration handshake_max_;
    const bool tells_closed_;

    struct suspicion {
        std::string endpoint;
        unsigned closes;    // in a row, without a handshake or a reason
        bool reason_given;  // for the next close
    };
    suspicion& suspicion_of(std::string_view endpoint);

    std::mutex lock_;
    // Guarded by lock_:
    std::vector<link> links_;
    std::vector<int> closed_;
    std::vector<suspicion> suspicions_;
};

}  // namespace godwit::detail
