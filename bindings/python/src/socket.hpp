// socket: one class for the six patterns, as in C; the package makes six of it.
#pragma once
#include <nanobind/stl/string_view.h>

#include "parts.hpp"

namespace binding {

struct pending_ref : owned<godwit_pending, godwit_pending_release> {
    using owned::owned;
    message_ref wait(std::optional<double> timeout);
};

struct socket_ref {
    socket_ref(const context_ref& home, std::int32_t pattern, const nb::dict& options);
    socket_ref(const socket_ref&) = delete;
    socket_ref& operator=(const socket_ref&) = delete;
    ~socket_ref();
    void close(std::optional<double> timeout, bool has_timeout);
    std::string bind(std::string_view url);

    godwit_socket it{};
    std::int64_t send_timeout_ns = 0;
};

}  // namespace binding
