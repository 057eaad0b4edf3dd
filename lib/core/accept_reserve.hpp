// accept_reserve: descriptors that a context keeps for the case that there are none. Where accept finds none,
// libzmq tries again at once and for ever, at full speed; so one is given up, with which libzmq takes the connection,
// and the link is ended by way of the other. Threads: the runner's.
#pragma once
#include <memory>

#include "base/unique_fd.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

class GODWIT_EXPORT accept_reserve {
public:
    static result<std::shared_ptr<accept_reserve>> make();  // `no_resources`
    accept_reserve(unique_fd blank, unique_fd gate, unique_fd place)
        : blank_{std::move(blank)}, gate_{std::move(gate)}, place_{std::move(place)} {}

    void give_up() noexcept { gate_.reset(); }
    bool complete() const noexcept { return static_cast<bool>(gate_); }
    bool take_back() noexcept;             // whether it is complete now
    void end_link(int original) noexcept;  // a connection of libzmq's, without a further descriptor

private:
    unique_fd blank_;  // what the others are duplicates of
    unique_fd gate_;   // to give up
    unique_fd place_;  // a number to put a link's duplicate under
};

}  // namespace godwit::detail
