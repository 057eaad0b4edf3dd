// The options of our encrypted ends: one key pair for both, made before they part.
#pragma once
#include <godwit/godwit.hpp>

#include "arguments.hpp"

namespace bench {

inline godwit::socket_options options_of(const arguments& args) {
    if (!args.curve) return {};
    const auto keys = godwit::key_pair::generate().value();
    return {.keys = keys, .allow = godwit::access_list::anyone(), .server_key = keys.public_part()};
}

}  // namespace bench
