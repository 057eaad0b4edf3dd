// zmq_link: the peers of one ROUTER that is a link. Whom we dial we name ourselves, for good; libzmq knows them by routing
// ids that are drawn for each dialling, so that none is guessed, and none is there twice while the one before still ends.
// Who comes to us has the routing id that libzmq gave: five bytes, a zero first.
// Not thread-safe: guarded by the socket's turn.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/access_state.hpp"
#include "core/carrier.hpp"
#include "core/link_table.hpp"

namespace godwit::detail {

class zmq_link {
public:
    explicit zmq_link(void* socket) noexcept : socket_{socket} {}

    // What is dialled, by its url as given.
    std::string dial(const std::string& url);                        // its name: new, or as before
    std::string offer_routing_id();                                  // to the next zmq_connect
    void dialled(const std::string& url, std::string&& routing_id);  // that one began
    void forget(const std::string& url);                             // it is dialled no more
    std::string url_of(std::string_view peer) const;                 // "": it came to us, or is not known

    io send(const outgoing& out);
    // Which of those that a send would have blocked for have room, or are gone.
    bool any_writable();
    void take_writable(std::vector<std::string>& into);

    enum class origin : std::uint8_t { peer, stranger, stale };  // stranger: has announced a routing id
    origin translate(std::string& routing_id) const;             // to the peer's name

    // Of who came to us: by which link, and who the handshake found it to be.
    struct speaker {
        int link = -1;
        admission who = {};
    };
    void heard(const std::string& peer, const std::string& user_id, int link, link_table& links);
    const speaker* find(std::string_view peer) const;

private:
    struct dialled_peer {
        std::string name, routing_id;
    };
    const std::string* routing_id_of(std::string_view peer) const;  // null: not dialled
    void finish_open();
    bool probe(const std::string& peer);

    void* const socket_;
    std::uint64_t last_name_ = 0;
    std::map<std::string, dialled_peer> dialled_;                       // by url
    std::map<std::string, std::string, std::less<>> url_of_, name_of_;  // by name; by routing id
    std::set<std::string, std::less<>> refused_;                        // a send would have blocked for them
    std::vector<std::string> writable_;                                 // of those
    std::string open_;  // the routing id that the next frame goes to: see probe()
    std::map<std::string, speaker, std::less<>> speakers_;
    std::size_t prune_at_ = 64;
};

}  // namespace godwit::detail
