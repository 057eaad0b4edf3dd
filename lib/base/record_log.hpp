// record_log: DESIGN's "log": keeps entries, gives them back by offset, and lets them go.
// Lifecycle: made open; any calls; destroyed. Threads: every call is made inside a turn, none blocks, none calls back. What
// completes later comes by take_event(), after the function given to on_event() has been called (any thread).
// A suite that every log has to pass: tests/conformance/record_log_suite.hpp.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/entry.hpp"
#include "godwit/receipt.hpp"  // stage

namespace godwit::detail {

enum class log_answer : std::uint8_t {
    done,
    pending,   // an event will say so; call again then
    full,      // nothing was taken; an event `space` will come
    released,  // read: there is nothing at or above that offset that has not been released; see `first`
};

struct log_ticket {
    std::uint64_t number = 0;
};

struct log_event {
    enum class kind : std::uint8_t { kept, failed, readable, space };
    kind what{};
    log_ticket ticket = {};           // kept, failed
    stage reached = stage::accepted;  // kept
    status why = {};                  // failed
};

struct read_batch {
    log_answer answer = log_answer::released;
    batch_ref batch = {};  // done: the first batch with a record at or above the offset that is not released
};

class record_log {
public:
    virtual ~record_log() = default;

    virtual stage reaches() const noexcept = 0;  // the furthest stage that an entry can come to
    // The stream that who is given this log is to write to; none: one of its own choice.
    virtual std::optional<stream_id> own_stream() const noexcept { return std::nullopt; }
    // True: its owner appends nothing to that stream. Another hand does, tells by on_event(), and what is visible is to be sent.
    virtual bool is_fed(stream_id) const { return false; }
    // Not ok: nothing more is taken, or something can not be read.
    virtual status health() const { return {}; }
    virtual offset next_offset(stream_id stream) const = 0;  // above every offset ever given in it
    // full: nothing was taken. done: it is there at the stage wanted. pending: an event `kept` or `failed` with the ticket.
    virtual log_answer append(entry&& what, stage wanted, log_ticket& ticket) = 0;
    // Whole batches: records below `from`, and released ones, may be among them. Only below visible().
    virtual read_batch read(stream_id stream, offset from) = 0;
    virtual offset visible(stream_id stream) const = 0;  // all records below may be sent
    virtual offset first(stream_id stream) const = 0;  // of the lowest record that is still there; visible() if none is
    // Above first(): what is released already, or was never given. Asked at the beginning.
    virtual std::vector<offset_range> holes(stream_id) const { return {}; }
    // What a sender says of its records, attempts and dead letters: kept soon, as far as the log keeps anything beyond the
    // process, and nobody is told.
    virtual void keep(std::vector<note>&&) {}
    virtual std::vector<note> notes(stream_id) const { return {}; }  // those still true. Asked at the beginning
    virtual void release(stream_id stream, std::span<const offset_range> settled) = 0;
    // Gives up everything below `end`, settled or not: a pub's way. Returns the first offset that is kept.
    virtual offset drop_below(stream_id stream, offset end) = 0;
    // True: where there is no room, the log itself gives up the oldest of this stream, but what its notes hold, and append()
    // is `full` only until it has. Asked at the beginning.
    virtual bool gives_up_oldest(stream_id) { return false; }
    virtual bool may_give_up(stream_id) const { return false; }   // anything, for room or for its age
    virtual offset given_up_below(stream_id) const { return 0; }  // settled or not
    // From where on a reader finds what was appended at that time or later; what is earlier may be among it.
    virtual offset first_since(stream_id stream, wall_time) const { return first(stream); }
    virtual std::uint64_t epoch() const noexcept { return 0; }  // how often it was opened; 0: it ends with the process
    // Drawn at that opening, and the first offset of a stream that it gives.
    virtual stream_id nonce() const noexcept { return {}; }
    virtual offset epoch_first(stream_id) const { return 0; }
    virtual std::uint64_t bytes_used() const noexcept = 0;
    virtual std::uint64_t bytes_max() const noexcept = 0;
    virtual std::optional<log_event> take_event() = 0;
    virtual void on_event(std::function<void()> tell) = 0;  // once, before the first append
};

}  // namespace godwit::detail
