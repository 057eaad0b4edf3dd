// A link's state inside sim_network.
#pragma once
#include "sim/network.hpp"

namespace godwit::detail {

struct sim_network::link {
    sim_link_number number;
    node_number dialler, listener;
    peer_number at_dialler;
    peer_number at_listener = 0;   // 0: it has not spoken on this connection
    std::uint64_t connection = 0;  // how many there have been
    bool up = false;
    bool dialler_knows = true;  // down: and the dialler has noticed
    bool redialling = false, refused = false, gone = false;
    direction there, back;
};

}  // namespace godwit::detail
