// acks: tells senders what came, what was handed out and what is settled, in range acks: it knows who has to be told, and
// writes the frames. When is the receiver's to say. Threads: inside a turn.
#pragma once
#include "ack_retry/ack_gate.hpp"
#include "ack_retry/receiving_link.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

// The way out to the links.
class ack_carrier {
public:
    virtual ~ack_carrier() = default;
    virtual link_set::carried send(link_number to, const link_content& what) = 0;
    // It has broken the protocol: it is told why, and its link ends.
    virtual void refuse(link_number which, errc code, std::string_view why) = 0;
};

class GODWIT_EXPORT acks {
public:
    // What is kept to be told again is acks; `exact`: the ends of requests that had no reply.
    // `memory`: of what was handled, which is kept before an ack leaves; null: there is none.
    explicit acks(ack_carrier& out, bool exact = false, layer* memory = nullptr) noexcept
        : out_{out}, exact_{exact}, gate_{memory} {}

    // There is, or may be, something to tell it.
    void note(receiving_link& link) noexcept {
        if (link.in_list) return;
        link.in_list = true;
        link.next_in_list = first_;
        first_ = &link;
    }
    // All that is settled of it, and untold, goes into the link's next frame. Throws std::bad_alloc.
    void collect(taken_batch& from);
    // A record that came with an attempt of its own is settled like the one that it was joined to.
    void add(receiving_link& link, const ack_frame::settled& one);
    // With a memory: it hears of all that is settled, told or not.
    void remember(receiving_link& link);
    bool memory_is_idle() const noexcept { return gate_.is_idle(); }
    void kept(receiving_link& link);  // the memory has got further

    bool anything() const noexcept { return first_ != nullptr; }  // or it is told already
    bool all_told() const noexcept;
    void tell(receiving_link& link);  // now, or when there is room
    void tell_all();
    void tell_all_but_arrivals();                // those with nothing else to hear of stay noted
    void forget(receiving_link& link) noexcept;  // its session is over: what was not sent stays for the next

private:
    void gather(receiving_link& link);
    bool send(receiving_link& link);
    void keep(receiving_link& link);

    ack_carrier& out_;
    const bool exact_;
    ack_gate gate_;
    receiving_link* first_ = nullptr;
};

}  // namespace godwit::detail
