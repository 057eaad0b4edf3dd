// The six patterns, the link that carries each of them under a protocol, and who may talk to whom.
#pragma once
#include <cstdint>
#include <string_view>

namespace godwit::detail {

// link: frames both ways between named peers; users never see it.
enum class pattern : std::uint8_t { push, pull, pub, sub, req, rep, link };

constexpr pattern counterpart(pattern own) noexcept {
    switch (own) {
        case pattern::push:
            return pattern::pull;
        case pattern::pull:
            return pattern::push;
        case pattern::pub:
            return pattern::sub;
        case pattern::sub:
            return pattern::pub;
        case pattern::req:
            return pattern::rep;
        case pattern::rep:
            return pattern::req;
        case pattern::link:
            return pattern::link;
    }
    return own;
}

constexpr std::string_view name(pattern own) noexcept {
    constexpr std::string_view names[] = {"push", "pull", "pub", "sub", "req", "rep", "link"};
    return names[static_cast<std::uint8_t>(own)];
}

}  // namespace godwit::detail
