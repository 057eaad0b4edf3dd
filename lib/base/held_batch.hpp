// held_batch: a batch that came in, kept alive by the messages that were made of it and by what of it is not settled.
// settler: where the deliveries made of it are settled, which takes the socket's turn.
// Threads: references are atomic; the rest belongs to whoever made it, inside the turn.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/batch.hpp"
#include "base/ports.hpp"
#include "godwit/delivery.hpp"

namespace godwit::detail {

// How far a request may be repeated.
struct request_terms {
    std::optional<steady_time> deadline = {};
    bool idempotent = false;  // it may be executed again by another server
};

// What the application says of one delivery. Borrowed for the length of one call.
struct settlement {
    held_batch* batch = nullptr;
    offset at = 0;
    std::uint32_t attempt = 1;
    verdict what{};
    std::chrono::nanoseconds delay{};  // nack: not before; extend: from now
    std::string_view why = {};         // reject
};

class settler {
public:
    virtual ~settler() = default;
    virtual void settle(const settlement& what) noexcept = 0;
};

struct held_batch {
    std::atomic<std::uint32_t> references{1};
    batch_ref batch;
    std::shared_ptr<settler> home;
    std::uint32_t attempt = 1;
    // Inside the turn. While any record of it that was handed out, or waits to be, is unsettled, one reference is kept for
    // all of them: whoever takes this to zero releases it. So settling costs no locked instruction.
    std::uint64_t unsettled = 0;
    std::uint64_t link = 0;  // the protocol's
    void* owner = nullptr;   // the protocol's
};

GODWIT_EXPORT held_batch* hold(batch_ref&& batch, std::shared_ptr<settler> home, std::uint32_t attempt);
GODWIT_EXPORT void destroy(held_batch* held) noexcept;
inline void add_references(held_batch& held, std::uint32_t count) noexcept {
    held.references.fetch_add(count, std::memory_order_relaxed);
}
inline void release(held_batch* held) noexcept {
    if (held->references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(held);
}

// The record's message: it borrows the batch's bytes and takes over one reference that was added before.
GODWIT_EXPORT message make_message(held_batch& held, const record_view& record) noexcept;

}  // namespace godwit::detail
