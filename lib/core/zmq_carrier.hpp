// zmq_carrier: one libzmq socket for a socket's ipc and tcp endpoints. Speaks PUSH, PULL, XPUB, SUB, DEALER and ROUTER.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "core/carrier.hpp"
#include "core/context_state.hpp"
#include "core/subscription_table.hpp"
#include "core/zmq_handle.hpp"
#include "core/zmq_watch.hpp"

namespace godwit::detail {

class zmq_carrier final : public carrier {
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
    status connect(const endpoint& where) override;
    status unbind(const std::string& url) override;
    status disconnect(const std::string& url) override;

    void subscribe(std::string_view prefix) override;
    void unsubscribe(std::string_view prefix) override;
    std::size_t subscribers(std::string_view topic) const override { return subscriptions_.count(topic); }

    void shut(std::chrono::milliseconds linger) override;

    bool dial_again(const std::string& dialled);  // an endpoint as libzmq spells it; false: not dialled any more

private:
    zmq_carrier(const surroundings& around, zmq_handle&& socket);
    void set_options(const socket_options& options);
    void choose_family(const std::string& numeric);
    void authenticate(bool required);
    void read_subscriptions();
    result<std::string> bind_numeric(const std::string& numeric, const endpoint& where);
    void part(const std::string& dialled);
    void connect_again(const std::string& dialled);  // as often as it is listed
    bool sends_messages() const noexcept { return around_.own != pattern::sub && around_.own != pattern::pull; }

    const surroundings around_;
    zmq_handle socket_;
    const int descriptor_;
    const std::shared_ptr<link_table> links_;
    const std::shared_ptr<ipc_claims> claims_;
    std::shared_ptr<zmq_watch> watch_;
    std::shared_ptr<runner> runner_;
    subscription_table subscriptions_;                 // a pub's
    bool subscriptions_changed_ = false;               // since the last refresh
    std::multimap<std::string, std::string> bound_;    // as given and as bound -> as libzmq spells it
    std::multimap<std::string, std::string> dialled_;  // as given, canonical -> as libzmq spells it
};

}  // namespace godwit::detail
