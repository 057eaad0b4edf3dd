// held_batch: a batch that came in, kept alive by the messages that were made of it and by what of it is not settled.
// settler: where the deliveries made of it are settled, which takes the socket's turn.
// A message costs no memory and no atomic instruction: its reference was added with others, in one piece, and goes back
// by one atomic decrement when the last of the message's bytes is let go. `home` goes with the last reference, on
// whichever thread that is. Threads: references are atomic; the rest belongs to whoever made it, inside the turn.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "base/batch.hpp"
#include "base/block.hpp"
#include "base/ports.hpp"
#include "godwit/delivery.hpp"
#include "godwit/export.hpp"

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
    bool* counted = nullptr;           // set where it was not stale; else left as it is
};

class settler {
public:
    virtual ~settler() = default;
    // The call may release the batch, and with it the last reference to the settler: it sees to that itself.
    virtual void settle(const settlement& what) noexcept = 0;
};

struct held_batch {
    std::atomic<std::uint32_t> references{1};
    std::uint32_t size_class = 0;  // block_pool's
    batch_ref batch;
    std::shared_ptr<settler> home;
    std::uint32_t attempt = 1;
    // Inside the turn. While any record of it that was handed out, or waits to be, is unsettled, one reference is kept for
    // all of them: whoever takes this to zero releases it. So settling costs no locked instruction.
    std::uint64_t unsettled = 0;
    std::uint64_t link = 0;  // the protocol's
    void* owner = nullptr;   // the protocol's
};

// With one reference, the caller's. The batch has been checked, or is ours. Throws std::bad_alloc, with `batch` as it was.
GODWIT_EXPORT held_batch* hold(batch_ref&& batch, std::shared_ptr<settler> home = {}, std::uint32_t attempt = 1);
GODWIT_EXPORT void destroy(held_batch* held) noexcept;

// For so many messages to come, or other owners.
inline void add_references(held_batch& held, std::uint32_t count) noexcept {
    held.references.fetch_add(count, std::memory_order_relaxed);
}
inline void release_references(held_batch* held, std::uint32_t count) noexcept {
    if (held->references.fetch_sub(count, std::memory_order_acq_rel) == count) destroy(held);
}
inline void release(held_batch* held) noexcept { release_references(held, 1); }

// Of a record with more than a body: {held_batch*, the record's first byte} in the message's storage.
struct lent_record {
    held_batch* held;
    const std::byte* record;
};
GODWIT_EXPORT extern const frame_holder lent_body;     // a record with a body alone
GODWIT_EXPORT extern const frame_holder lent_message;  // any

// The record as a message, laid out as in docs/plain_mapping.md. Takes over one reference.
inline message make_message(held_batch& held, const record_view& record) noexcept {
    message made;
    const lent_record lent{&held, record.whole.data()};
    std::memcpy(message_access::lent_storage(made), &lent, sizeof lent);
    const bool is_body_alone = record.topic.empty() && record.key.empty() && record.headers.empty();
    message_access::set_lent(made, is_body_alone ? lent_body : lent_message, record.body);
    return made;
}

}  // namespace godwit::detail
