// ack_gate: with a layer that remembers what was handled, an ack leaves only when that is kept. It takes what is ready to
// leave out of a link's next frame, and puts it back. Threads: inside a turn.
#pragma once
#include <vector>

#include "ack_retry/incoming_layers.hpp"
#include "ack_retry/receiving_link.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT ack_gate {
public:
    // Borrows; null: nothing is held up.
    explicit ack_gate(layer* memory) : memory_{memory}, last_{memory == nullptr ? 0 : memory->settling({})} {}

    bool is_there() const noexcept { return memory_ != nullptr; }
    // What it was told of is kept, and more would be at once: nothing waits here, so that a crash repeats little.
    bool is_idle() const noexcept { return last_ != 0 && memory_->kept() >= last_; }
    // What was gathered in the link's frame since the last call is told to the memory, and waits in `being_kept`, or may go.
    void offer(receiving_link& link);
    // What is kept by now may go. True: something of it does.
    bool release(receiving_link& link);

private:
    layer* const memory_;
    std::uint64_t last_ = 0;  // number that it gave; 0: it keeps nothing beyond the process
    std::vector<handled_range> told_;
};

}  // namespace godwit::detail
