// Typed messages compile against the installed package too.
#include <cstdint>
#include <string>

#include <godwit/msgpack.hpp>

struct order {
    std::uint64_t id;
    std::string sku;
    MSGPACK_DEFINE(id, sku);
};

std::string encoded_order() { return godwit::codec<order>::encode(order{7, "tern"}); }
