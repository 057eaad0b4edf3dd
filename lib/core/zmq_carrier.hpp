// zmq_carrier: one libzmq socket for a socket's ipc and tcp endpoints. Speaks PUSH, PULL, XPUB, SUB, DEALER and ROUTER;
// for a link a ROUTER, which binds and dials.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/carrier.hpp"
#include "core/context_state.hpp"
#include "core/rights_check.hpp"
#include "core/subscription_table.hpp"
#include "core/unread_watch.hpp"
#include "core/zmq_frames.hpp"
#include "core/zmq_handle.hpp"
#include "core/zmq_link.hpp"
#include "core/zmq_watch.hpp"

namespace godwit::detail {

class GODWIT_EXPORT zmq_carrier final : public carrier {
public:
    // Fails with `no_resources`, `closed`, `io`.
    static result<std::unique_ptr<carrier>> make(context_state& home, const surroundings& around,
                                                 std::weak_ptr<tended> socket);

    io try_send(const outgoing& out) override;
    io try_send_copy(bytes only_frame) override;
    io try_recv(incoming& in) override;
    readiness refresh() override;
    int descriptor() const noexcept override { return descriptor_; }

    result<std::string> bind(const endpoint& where) override;
    status connect(const endpoint& where, const std::optional<public_key>& server) override;
    status unbind(const std::string& url) override;
    status disconnect(const std::string& url) override;

    result<std::string> dial(const endpoint& where, const std::optional<public_key>& server) override;
    bool take_changes() override;
    void take_writable(std::vector<std::string>& into) override;
    void end_peer(std::string_view peer, std::string_view reason) override;
    admission who(std::string_view peer) const override;

    void list_endpoints(std::vector<std::string>& into) const override;

    void subscribe(std::string_view prefix) override;
    void unsubscribe(std::string_view prefix) override;
    std::size_t subscribers(std::string_view topic) const override { return subscriptions_.count(topic); }

    void shut(std::chrono::milliseconds linger) override;

    // Endpoints as libzmq spells them:
    bool dial_again(const std::string& dialled);                            // false: not dialled any more
    std::set<std::string> dialled_there(const std::string& dialled) const;  // as given
    std::string dialled_as(const std::string& url) const;                   // "": not dialled any more
    status redirect(const std::string& url, const std::string& dialled);    // a name that is elsewhere now

private:
    static constexpr int passed_over_a_turn = 256;  // messages that are nobody's

    zmq_carrier(const surroundings& around, zmq_handle&& socket, const std::shared_ptr<accept_reserve>& reserve);
    void set_options(const socket_options& options);
    void choose_family(const std::string& numeric);
    io try_recv_stamped(incoming& in);
    void note_announced(const std::string& routing_id, int link);
    void lock_door(const std::string& domain);
    void dial_with(const std::string& dialled);
    bool dial_once(const std::string& url, const std::string& dialled);
    status begin_dial(const std::string& url, const std::string& dialled, const std::optional<public_key>& server);
    io try_recv_link(incoming& in);
    readiness refresh_link();
    void end_stranger();
    void drop_for_absent();
    void judge_subscription(zmq_msg_t& event, bool wanted, int link, std::string_view prefix);
    void read_subscriptions();
    enum class excess : std::uint8_t { none, prefixes, size_bytes };
    struct over {  // a link
        int link;
        excess what;
        std::string who;  // "": not known
        bool ended;       // by us: what is still to come of it is not kept
    };
    excess excess_of(int link);
    void note_if_over(int link);
    void take_hang_up(std::string_view prefix);
    void apply_ends();
    bool end_those_over();
    void take_subscription(int link, std::string_view who, std::string_view prefix, bool taken = true);
    result<std::string> bind_numeric(const std::string& numeric, const endpoint& where);
    void part(const std::string& dialled);
    void connect_again(const std::string& dialled);  // as often as it is listed
    bool sends_messages() const noexcept { return around_.own != pattern::sub && around_.own != pattern::pull; }

    const surroundings around_;
    zmq_handle socket_;
    const int descriptor_;
    const std::shared_ptr<link_table> links_;
    const std::shared_ptr<ipc_claims> claims_;
    const std::shared_ptr<unread_watch> unread_;
    std::shared_ptr<zmq_watch> watch_;
    std::shared_ptr<runner> runner_;
    std::shared_ptr<gate> gate_;
    std::unique_ptr<rights_check> check_;              // with an access list
    std::unique_ptr<zmq_link> link_;                   // a link's
    seldom strangers_;                                 // a link's: who announced routing ids
    bool reads_stamps_ = false;                        // of every message: with either
    sender_stamp whose_;                               // scratch
    std::map<std::string, int> announced_;             // a rep's: routing ids that peers chose, and their links
    subscription_table subscriptions_;                 // a pub's
    std::vector<int> closed_;                          // links whose end comes after what is still to be read
    std::vector<over> over_;                           // links beyond a limit, until their end is told
    bool subscriptions_changed_ = false;               // since the last refresh
    std::multimap<std::string, std::string> bound_;    // as given and as bound -> as libzmq spells it
    std::multimap<std::string, std::string> dialled_;  // as given, canonical -> as libzmq spells it
    std::map<std::string, public_key> servers_;        // whom we expect at what is dialled
};

}  // namespace godwit::detail
