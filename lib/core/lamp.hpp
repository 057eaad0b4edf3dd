// lamp: a descriptor that a foreign event loop polls for one direction of a socket. Lit, it is readable for itself; dark,
// it is readable as soon as one of the descriptors that it watches is: the carriers' and the doorbell's. So a loop is
// woken without help of ours, and a lamp that stays lit while messages are taken costs no system call.
// Threads: guarded by the socket's turn, but for the descriptor, which anybody may poll.
#pragma once
#include <memory>

#include "base/unique_fd.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

class GODWIT_EXPORT lamp {
public:
    static result<std::unique_ptr<lamp>> make(int bell);  // dark; `no_resources`

    int descriptor() const noexcept { return poll_.get(); }
    status watch(int descriptor);  // one that is closed leaves by itself
    bool lit() const noexcept { return lit_; }
    void light() noexcept;
    void darken() noexcept;

    lamp(unique_fd poll, unique_fd glow) noexcept : poll_{std::move(poll)}, glow_{std::move(glow)} {}

private:
    unique_fd poll_;
    unique_fd glow_;
    bool lit_ = false;
};

}  // namespace godwit::detail
