// async_turns: whether a call of a coroutine may be tried at once, or whether others come first.
#pragma once
#include "core/plain_socket.hpp"

namespace godwit::detail {

inline constexpr unsigned ready_in_a_row_max = 256;

// Awaits on this thread that did not have to wait, since it last resumed one that had to.
[[gnu::tls_model("initial-exec")]] extern thread_local constinit unsigned ready_in_a_row;

inline bool may_try(plain_socket& socket, tries which, want what) noexcept {
    if (which == tries::again) return true;
    if (++ready_in_a_row >= ready_in_a_row_max) [[unlikely]] {
        ready_in_a_row = 0;
        return socket.forked();
    }
    return socket.watch_for(what).count.load(std::memory_order_relaxed) == 0;
}

}  // namespace godwit::detail
