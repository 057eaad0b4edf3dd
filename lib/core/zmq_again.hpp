// uninterrupted: a call of libzmq again for as long as a signal interrupts it. Each looks for the socket's commands
// first, and says EINTR, whatever it was asked not to wait for, before anything was done.
#pragma once
#include <zmq.h>

#include <cerrno>

namespace godwit::detail {

template <class Call>
int uninterrupted(const Call& call) {
    int outcome = call();
    while (outcome < 0 && zmq_errno() == EINTR) [[unlikely]] outcome = call();
    return outcome;
}

}  // namespace godwit::detail
