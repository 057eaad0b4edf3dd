// inproc_carrier: the carrier between sockets of one context: a ring of shared blocks each way and pair, no bytes
// copied beyond the first time, no thread in between.
// A queue has the length that its receiver wants (queue_messages_max); before there is one, the sender's own. A frame
// above the receiver's message_bytes_max is not delivered and parts the peers, as over ipc and tcp; they join again.
// Threads: as carrier says. The others of the context reach it through the registry's inbox and the rings alone.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/prefix_set.hpp"
#include "core/carrier.hpp"
#include "core/inproc_inlets.hpp"
#include "core/inproc_outlets.hpp"
#include "core/inproc_registry.hpp"

namespace godwit::detail {

class GODWIT_EXPORT inproc_carrier final : public carrier {
public:
    inproc_carrier(std::shared_ptr<inproc_registry> registry, surroundings around);
    ~inproc_carrier() override;

    io try_send(const outgoing& out) override;
    io try_send_copy(bytes only_frame) override { return try_send({std::span{&only_frame, 1}}); }
    io try_recv(incoming& in) override;
    readiness refresh() override;
    int descriptor() const noexcept override { return -1; }

    result<std::string> bind(const endpoint& where) override;
    status connect(const endpoint& where, const std::optional<public_key>& server) override;
    status unbind(const std::string& url) override;
    status disconnect(const std::string& url) override;

    result<std::string> dial(const endpoint& where, const std::optional<public_key>& server) override;
    bool take_changes() override;
    void take_gone(std::vector<std::string>& into) override;
    void take_writable(std::vector<std::string>& into) override;
    void end_peer(std::string_view peer, std::string_view reason) override;

    void list_endpoints(std::vector<std::string>& into) const override;

    void subscribe(std::string_view prefix) override;
    void unsubscribe(std::string_view prefix) override;
    std::size_t subscribers(std::string_view topic) const override { return outlets_.subscribers(topic); }

    // What waits for a binder that is not there is given up, and said so in the farewell. `linger` has no other use.
    void shut(std::chrono::milliseconds linger) override;
    std::size_t unsent() const noexcept { return outlets_.unsent(); }  // what shut() would give up

private:
    struct connected {
        std::string name;
        std::uint64_t id;
        std::shared_ptr<ring> queue;  // null but for those whose queue is handed on
        bool refused_absent = false;  // a link's: somebody waits to send to it
    };

    void open();
    static constexpr int passed_over_max = 256;  // messages that nobody gets, in one try_recv

    void adopt_news();
    void adopt(pipe_news& news);
    bool refuses(const block& message) const noexcept;
    void refuse(block* message);

    io send_to_peer(const outgoing& out);
    void adopt_link(const pipe_news& news);
    void settle_leaving();
    void leave(const inproc_pipe& pipe, side own);
    bool has_unread(std::uint64_t peer) const noexcept;  // one that has left

    const std::shared_ptr<inproc_registry> registry_;
    const surroundings around_;
    const std::shared_ptr<inproc_end> own_;
    std::size_t message_bytes_max_ = 0;
    std::vector<std::string> bound_;
    std::vector<connected> connected_;
    inproc_inlets inlets_;
    inproc_outlets outlets_;
    prefix_set filter_;          // sub
    bool adopted_news_ = false;  // since the last refresh
    // A link's:
    struct leaving_peer {
        std::shared_ptr<inproc_pipe> pipe;
        side own;
    };
    std::vector<leaving_peer> leaving_;  // ended by the other side; they may have left something unread
    std::vector<std::string> gone_, writable_;
    bool changed_ = false;

    bool filtering_ = false;  // sub: has unsubscribed, so that what is queued may be unwanted
};

}  // namespace godwit::detail
