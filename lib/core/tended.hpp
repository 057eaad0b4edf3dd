// tended: a socket, as the runner sees it.
#pragma once
#include <cstdint>
#include <string>

namespace godwit::detail {

class tended {
public:
    virtual ~tended() = default;
    virtual std::uint64_t activity() const noexcept = 0;  // rises with every message: somebody tends it
    virtual bool watched() const noexcept = 0;  // a caller sleeps on its descriptors, and will see for himself
    virtual std::uint64_t sent_messages() const noexcept = 0;
    virtual std::uint64_t received_bytes() const noexcept = 0;  // over tcp; 0 if others are counted with it
    virtual bool tend() = 0;  // takes the turn, does the housekeeping, wakes waiters; true: more is left
    virtual bool dial_again(const std::string& url) = 0;     // false: that endpoint was taken away
    virtual bool look_up_again(const std::string& url) = 0;  // begins it, in the background; false: no name leads there
};

}  // namespace godwit::detail
