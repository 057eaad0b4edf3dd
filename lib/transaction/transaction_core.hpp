// transaction_core: an open state: what is committed, the one transaction that is open, what is on its way into the journal,
// and the memory of what was consumed, which sockets share. Commits: transaction_commit.cpp. The memory's part in a
// socket: transaction_memory.cpp. Threads: every call from any thread; those of sockets are short and touch no file.
// Lock order: mutex_ is taken inside a socket's turn, and the log's own behind it; so no socket is called with it held.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/guard.hpp"
#include "base/ports.hpp"
#include "godwit/transaction.hpp"
#include "transaction/change_list.hpp"
#include "transaction/state_recovery.hpp"

namespace godwit::detail {

class GODWIT_EXPORT transaction_core {
public:
    static result<std::shared_ptr<transaction_core>> open(std::shared_ptr<record_log> log,
                                                          const transaction_options& options);
    ~transaction_core();
    transaction_core(const transaction_core&) = delete;
    transaction_core& operator=(const transaction_core&) = delete;

    // Of a layer; see godwit/layer.hpp.
    memory_identity identity() const noexcept { return identity_; }
    status met(const sender_greeting& said);
    void floor_moved(stream_id stream, offset to);
    bool pass_whole(stream_id stream, offset_range what);
    void offer(std::span<offered_record> records);
    void let_go(stream_id stream, offset_range what) noexcept;
    std::uint64_t settling(std::span<const handled_range> what);
    std::uint64_t kept() const noexcept { return kept_.load(std::memory_order_acquire); }
    std::uint64_t listen(std::function<void()> wake);
    void leave(std::uint64_t listener);

    // Of a transaction, by its step.
    result<std::uint64_t> begin(timeout limit);
    status consume(std::uint64_t step, delivery&& input);
    state_view view_of(std::uint64_t step) const;
    status put(std::uint64_t step, std::string_view key, std::string_view value);
    status erase(std::uint64_t step, std::string_view key);
    status send(std::uint64_t step, const std::shared_ptr<output_log>& to, const message& what);
    status savepoint(std::uint64_t step);
    status roll_back(std::uint64_t step);
    status commit(std::uint64_t step, timeout limit);
    void abort(std::uint64_t step, std::chrono::nanoseconds delay) noexcept;
    std::uint64_t inputs_of(std::uint64_t step) const;

    result<std::shared_ptr<output_log>> add_output(std::shared_ptr<record_log> log);
    state_view view() const;
    transaction_stats stats() const;
    status health() const;
    status close(timeout limit);

private:
    using lock = std::unique_lock<std::mutex>;
    struct open_transaction {
        std::uint64_t step = 0;
        bool decided = false;  // its inputs are being acked, or it is on its way
        change_list changes;
        std::vector<delivery> inputs;
        std::optional<change_list::place> savepoint;
    };
    // An entry on its way. Kept in order.
    struct flight {
        entry what;
        std::uint64_t number = 0;
        std::optional<std::uint64_t> ticket;       // the log has it
        bool commits = false;                      // the transaction that is open
        std::optional<offset> release_below = {};  // once it is kept
    };

    transaction_core(std::shared_ptr<record_log> log, const transaction_options& options);
    status read_all();
    status read_batches(state_recovery& into);

    // With the lock, which some let go of.
    void log_told();
    void take_events();
    void finish(flight&& one);
    void out_of_memory(lock& hold) noexcept;
    void tell(lock& hold);
    std::uint64_t mark(std::span<const handled_range> what);
    status usable() const;
    open_transaction* find(std::uint64_t step);  // null: it has ended, or is decided
    status fenced(std::uint64_t step);
    status commit(lock& hold, std::uint64_t step, timeout::clock::time_point until);
    status extend_inputs(lock& hold, open_transaction& one);
    status ack_inputs(lock& hold, open_transaction& one);
    status end_empty(lock& hold);
    void abort_open(lock& hold, std::chrono::nanoseconds delay);
    bool is_picture_due(std::uint64_t times) const;
    void draw_picture(lock& hold);
    void write_picture(lock& hold);

    // What is on its way.
    std::uint64_t next_number() noexcept { return ++last_number_; }
    void fly(entry&& what, std::uint64_t number, bool commits = false);
    void send_unsent();
    std::vector<std::string> bodies_of(const change_list* changes, transaction_number number);
    void append_state(entry& to, std::span<const std::string> bodies);
    void append_outputs(entry& to, std::span<const change_list::sent> outputs);

    const transaction_options options_;
    const std::uint64_t state_bytes_max_;
    memory_identity identity_;
    stage confirm_{};

    mutable std::mutex mutex_;
    // Guarded by mutex_:
    mutable std::condition_variable_any changed_;
    std::shared_ptr<record_log> log_;  // null: closed
    guard guard_;
    state_map state_;
    std::optional<open_transaction> open_;
    std::uint64_t last_step_ = 0;
    std::map<stream_id, range_set> claimed_;  // inputs of the transaction that is decided
    bool claims_ = false;                     // they are being acked: its entry is to come
    std::string unwritten_marks_;             // go with the next entry
    std::deque<flight> flights_;
    std::uint64_t last_number_ = 1;
    std::map<stream_id, offset> next_;  // of the state's stream and the outputs'
    std::vector<std::shared_ptr<output_log>> outputs_;
    std::uint64_t since_picture_ = 0, picture_bytes_ = 0;
    bool draws_ = false;  // a picture: nothing begins meanwhile
    bool readable_ = false;
    bool closed_ = false;
    status broken_;
    transaction_stats counted_;
    std::vector<std::pair<std::uint64_t, std::function<void()>>> listeners_;
    std::uint64_t last_listener_ = 0;
    bool any_news_ = false;  // listeners are to be told
    std::vector<std::shared_ptr<output_log>> outputs_to_tell_;
    std::vector<open_transaction> ended_;  // let go of without the lock: they may hold user's memory

    std::atomic<std::uint64_t> kept_{1};
};

// What handles share: when the last is gone, the transaction is aborted.
class transaction_hold {
public:
    explicit transaction_hold(std::shared_ptr<transaction_core> of) noexcept : core{std::move(of)} {}
    ~transaction_hold() { core->abort(step, {}); }
    const std::shared_ptr<transaction_core> core;
    std::uint64_t step = 0;  // none yet: it is there before its transaction begins, which nobody could end without it
};

}  // namespace godwit::detail
