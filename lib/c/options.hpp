// options: the option structs of the C interface as those of the library, and back.
#pragma once
#include <optional>

#include "c/objects.hpp"
#include "godwit/ack_retry.hpp"
#include "godwit/c/socket.h"
#include "godwit/subscription.hpp"

namespace godwit::c {

// All that a socket is made of. Throws what reading the options' files fails with, too.
struct socket_parts {
    explicit socket_parts(const godwit_socket_options* given);

    socket_options options;
    std::optional<ack_retry> reliably;
    std::optional<subscription> from;
    std::optional<journal_stream> log;

    bool is_plain() const noexcept { return !reliably && !from && !log; }
    void install(assembly& into) const {
        into.options(options);
        if (reliably) reliably->install(into);
        if (from) from->install(into);
        if (log) log->install(into);
    }
};

}  // namespace godwit::c
