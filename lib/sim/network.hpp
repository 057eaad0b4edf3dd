// sim_network: the transports between the nodes of a simulated world, with every fault that a real one has. A link is one
// connection that one node has dialled and another listens for, as libzmq makes them: what a dialler sends while it is
// down waits in a short queue; bytes inside a link keep their order; what is cut loses the rest of what was under way.
// A dialler's peer number stays, whatever comes and goes; a listener learns a new one with the first frame of each
// connection. Threads: one.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/link_port.hpp"
#include "sim/random.hpp"
#include "sim/schedule.hpp"
#include "sim/trace.hpp"

namespace godwit::detail {

using node_number = std::uint32_t;
using sim_link_number = std::uint32_t;

// What a node hears of its transports: the carrier's half of delivery_protocol.
class network_user {
public:
    virtual ~network_user() = default;
    virtual bool hears() const = 0;  // false while its process is paused or dead: what is for it waits, or is refused
    virtual bool lives() const = 0;
    virtual void took(peer_number from, message&& frames) = 0;
    virtual void lost(peer_number which) = 0;
    virtual void links_changed() = 0;
    virtual void may_write() = 0;
};

// One direction of one link. A change holds for what is sent from now on.
struct direction_options {
    std::chrono::nanoseconds delay_min{std::chrono::microseconds{50}}, delay_max{std::chrono::milliseconds{2}};
    std::uint64_t bytes_per_second = 0;  // 0: no limit
    std::size_t frames_max = 8;          // under way; then the sender is told `busy`
};

// What a node is told when a transport of its ends.
enum class end_news : std::uint8_t {
    lost,     // which one, soon
    changed,  // that some link has changed, soon
    none,     // nothing, until its kernel gives up, after `half_open_max` at most: half-open
};

struct network_options {
    direction_options direction;  // of links that are dialled from now on
    std::chrono::nanoseconds redial_min{std::chrono::milliseconds{10}}, redial_max{std::chrono::milliseconds{200}};
    std::chrono::nanoseconds half_open_max{std::chrono::seconds{60}};
    bool queue_survives = true;  // what a dialler has queued and its kernel not taken goes out on the next connection
};

// A frame on its way, for who wants to see it or to harm it.
struct seen_frame {
    node_number from, to;
    peer_number peer;  // as it is sent, its sender's number for the other side; as it arrives, its receiver's
    bytes envelope;
    const message* body;  // null: none
};

class GODWIT_EXPORT sim_network {
public:
    sim_network(sim_schedule& schedule, sim_random random, sim_trace& trace);
    ~sim_network();

    node_number add(network_user& user);
    // Every node can be dialled.
    peer_number dial(node_number from, node_number to);
    void hang_up(peer_number dialled);
    network_options& options() noexcept { return options_; }

    // The nodes' side: see link_port.
    link_port::sent send(node_number from, peer_number to, bytes envelope, const message* body);
    void end(node_number from, peer_number which);
    void node_died(node_number which, bool quietly);  // quietly: its peers are told nothing, as of a host without power
    void node_hears(node_number which);               // again: what has come for it meanwhile may arrive

    // The faults. There are links for each dial() that is not hung up.
    std::size_t link_count() const noexcept { return order_.size(); }
    sim_link_number link_at(std::size_t index) const { return order_[index]; }
    std::pair<node_number, node_number> ends_of(sim_link_number which) const;  // dialler, listener
    void cut(sim_link_number which, end_news to_dialler, end_news to_listener);
    void block(sim_link_number which, bool towards_listener, bool blocked);
    bool blocked(sim_link_number which, bool towards_listener) const;
    void shape(sim_link_number which, bool towards_listener, const direction_options& now);
    void refuse(sim_link_number which, bool refused);  // new connections: a partition
    void heal();                                       // no link is blocked, refused or slow any more
    std::uint64_t frames_lost() const noexcept { return frames_lost_; }
    std::size_t frames_under_way() const;

    // Called as a frame is sent, and again as it arrives. The second may answer false: it is lost then, untold, which no
    // real transport does: for tests of the tests.
    std::function<void(const seen_frame&)> on_send;
    std::function<bool(const seen_frame&)> on_arrival;

private:
    struct frame {
        message content;  // the envelope, and the body if there is one
        std::size_t size;
        steady_time arrival;
    };
    struct direction {
        direction_options options;
        std::deque<frame> frames;
        steady_time last_arrival{};
        std::uint64_t round = 0;  // of the delivery that is scheduled; others are void
        bool scheduled = false, blocked = false, wants_write = false;
    };
    struct link;
    struct place {  // where a peer number leads
        sim_link_number link = 0;
        bool dialler = false;
        bool ghost = false;  // its transport is gone, and its node does not know
        std::size_t swallowed = 0;
    };

    link& at(sim_link_number which) const { return *links_[which]; }
    direction& way(link& of, bool towards_listener) const;
    void schedule_delivery(link& of, bool towards_listener);
    void deliver(sim_link_number which, bool towards_listener, std::uint64_t round);
    void arrive(node_number from, node_number to, peer_number as, message&& content);
    void room(link& of, bool towards_listener);
    void take_down(link& of, bool some_arrive);
    void tell_end(node_number whom, peer_number which, end_news how, bool forget);
    void redial_later(link& of);
    void redial(sim_link_number which, std::uint64_t connection);
    void told_dialler(link& of, end_news how);
    void lose_listener(link& of, end_news how);

    sim_schedule& schedule_;
    sim_random random_;
    sim_trace& trace_;
    network_options options_;
    std::vector<network_user*> users_;
    std::vector<std::unique_ptr<link>> links_;
    std::vector<sim_link_number> order_;  // the links that are there
    std::unordered_map<peer_number, place> places_;
    peer_number last_peer_ = 0;
    std::uint64_t frames_lost_ = 0;
};

}  // namespace godwit::detail
