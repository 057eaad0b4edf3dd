// The one transaction that is open, and how it ends: see transaction_core.hpp.
#include <algorithm>
#include <new>

#include "base/held_batch.hpp"
#include "transaction/transaction_core.hpp"

namespace godwit::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t value_bytes_max = 16u << 20;
constexpr std::size_t record_bytes_max = 16u << 20;  // a receiver takes no more: socket_options::message_bytes_max
constexpr auto long_enough = 24h * 365;              // for a disk that hangs

// False: it settles nothing any more. Takes its socket's turn.
bool settle(delivery& one, verdict what, std::chrono::nanoseconds time = {}) noexcept {
    bool counted = false;
    held_batch* const held = what == verdict::extend ? delivery_access::held(one) : delivery_access::take(one);
    if (held != nullptr) held->home->settle({held, one.at(), one.attempt(), what, time, {}, &counted});
    return counted;
}

error above(std::string_view what, std::uint64_t size, std::uint64_t most) {
    return {errc::too_large, std::string{what} + " of " + std::to_string(size) + " bytes",
            "at most " + std::to_string(most)};
}

error ran_out(const delivery& one) {
    return {errc::expired, "record " + std::to_string(one.at()) + " of stream " + to_string(one.stream()),
            "its handler's time ran out: it comes again"};
}

}  // namespace

transaction_core::open_transaction* transaction_core::find(std::uint64_t step) {
    return open_ && open_->step == step && !open_->decided ? &*open_ : nullptr;
}

status transaction_core::fenced(std::uint64_t step) {
    ++counted_.fenced;
    return error{errc::fenced, "transaction " + std::to_string(step), "it has ended: begin another"};
}

result<std::uint64_t> transaction_core::begin(timeout limit) {
    lock hold{mutex_};
    const auto mine = [this] { return (!open_ && !draws_) || !usable(); };
    const auto until = limit.deadline();
    while (true) {
        if (!changed_.wait_until(hold, until, mine)) return errc::timed_out;
        if (auto now = usable(); !now) return now.error();
        if (!is_picture_due(1)) break;
        draw_picture(hold);
        tell(hold);
    }
    open_.emplace(open_transaction{++last_step_, false, change_list{state_}, {}, std::nullopt});
    return last_step_;
}

status transaction_core::consume(std::uint64_t step, delivery&& input) {
    const lock hold{mutex_};
    open_transaction* const one = find(step);
    if (one == nullptr) return fenced(step);
    if (input.settled()) return error{errc::invalid_argument, "consume", "this delivery was settled already"};
    const auto known = guard_.producers().find(input.stream());
    if (known == guard_.producers().end())
        return error{errc::invalid_argument, "consume", "its pull has no inputs() of this state"};
    if (!known->second.in_hand().contains(input.at())) return ran_out(input);
    one->inputs.push_back(std::move(input));
    return {};
}

state_view transaction_core::view_of(std::uint64_t step) const {
    const lock hold{mutex_};
    return open_ && open_->step == step ? open_->changes.map().view() : state_view{};
}

std::uint64_t transaction_core::inputs_of(std::uint64_t step) const {
    const lock hold{mutex_};
    return open_ && open_->step == step ? open_->inputs.size() : 0;
}

status transaction_core::put(std::uint64_t step, std::string_view key, std::string_view value) {
    const lock hold{mutex_};
    open_transaction* const one = find(step);
    if (one == nullptr) return fenced(step);
    if (key.size() > change_format::key_bytes_max) return above("a key", key.size(), change_format::key_bytes_max);
    if (value.size() > value_bytes_max) return above("a value", value.size(), value_bytes_max);
    const std::uint64_t more = key.size() + value.size() + change_format::beside_a_put;
    if (one->changes.bytes() + more > options_.transaction_bytes_max)
        return above("a transaction", one->changes.bytes() + more, options_.transaction_bytes_max);
    const state_view& now = one->changes.map().view();
    const auto before = now.get(key);
    const std::uint64_t gone = before ? key.size() + before->size() + change_format::beside_a_put : 0;
    const std::uint64_t all = now.bytes() + now.size() * change_format::beside_a_put - gone + more;
    if (more > gone && all > state_bytes_max_)
        return error{errc::full, std::to_string(state_bytes_max_) + " bytes of state",
                     "raise state_bytes_max, and bytes_max of its journal"};
    one->changes.put(key, value);
    return {};
}

status transaction_core::erase(std::uint64_t step, std::string_view key) {
    const lock hold{mutex_};
    open_transaction* const one = find(step);
    if (one == nullptr) return fenced(step);
    one->changes.erase(key);
    return {};
}

status transaction_core::send(std::uint64_t step, const std::shared_ptr<output_log>& to, const message& what) {
    const lock hold{mutex_};
    open_transaction* const one = find(step);
    if (one == nullptr) return fenced(step);
    if (std::ranges::find(outputs_, to) == outputs_.end())
        return error{errc::invalid_argument, "send", "an output of another state"};
    std::vector<header> headers;
    for (std::size_t at = 0; at < what.header_count(); ++at) headers.push_back(what.header_at(at));
    const record_parts parts{what.topic(), what.key(), headers, what.body()};
    if (auto fits = check_record(parts); !fits) return fits;
    const std::uint64_t size = record_bytes(parts);
    if (size > record_bytes_max) return above("a message", size, record_bytes_max);
    const std::uint64_t more = size + what.topic().size();
    if (one->changes.bytes() + more > options_.transaction_bytes_max)
        return above("a transaction", one->changes.bytes() + more, options_.transaction_bytes_max);
    one->changes.send(to, what, more);
    return {};
}

status transaction_core::savepoint(std::uint64_t step) {
    const lock hold{mutex_};
    open_transaction* const one = find(step);
    if (one == nullptr) return fenced(step);
    one->savepoint = one->changes.here();
    return {};
}

status transaction_core::roll_back(std::uint64_t step) {
    std::vector<message> undone;  // let go of without the lock: they may hold user's memory
    const lock hold{mutex_};
    open_transaction* const one = find(step);
    if (one == nullptr) return fenced(step);
    undone = one->changes.back_to(one->savepoint ? *one->savepoint : change_list{state_}.here());
    return {};
}

// From here on no handler's time runs out. Not ok: one had; nothing has happened to the others.
status transaction_core::extend_inputs(lock& hold, open_transaction& one) {
    hold.unlock();
    const auto stale =
        std::ranges::find_if(one.inputs, [](delivery& each) { return !settle(each, verdict::extend, long_enough); });
    hold.lock();
    status why = broken_;
    if (stale != one.inputs.end()) why = ran_out(*stale);
    if (!why) abort_open(hold, {});
    return why;
}

// Acked first, kept then: nobody gives up what is acked, and the acks leave with the entry's number. What was taken back all the
// same, by a socket that was closed meanwhile, leaves the others acked and nothing to keep them with: only an opening anew
// knows then what their senders have heard.
status transaction_core::ack_inputs(lock& hold, open_transaction& one) {
    claims_ = true;
    for (const delivery& each : one.inputs) claimed_[each.stream()].add({each.at(), each.at()});
    hold.unlock();
    std::size_t lost = 0;
    for (delivery& each : one.inputs) lost += settle(each, verdict::ack) ? 0 : 1;
    hold.lock();
    claims_ = false;
    if (lost != 0 && broken_)
        broken_ = error{errc::fenced, std::to_string(lost) + " inputs",
                        "their socket took them back while they were being committed: open the state again"};
    return broken_;
}

status transaction_core::commit(std::uint64_t step, timeout limit) {
    lock hold{mutex_};
    try {
        return commit(hold, step, limit.deadline());
    } catch (const std::bad_alloc&) {
        // Some of its inputs may be acked, and nothing keeps them.
        out_of_memory(hold);
        claims_ = false;
        return broken_;
    }
}

status transaction_core::commit(lock& hold, std::uint64_t step, timeout::clock::time_point until) {
    open_transaction* const one = find(step);
    if (one == nullptr) return fenced(step);
    if (auto now = usable(); !now) return now;
    one->decided = true;
    if (one->inputs.empty() && one->changes.bytes() == 0) return end_empty(hold);
    if (auto lives = extend_inputs(hold, *one); !lives) return lives;
    const std::uint64_t number = next_number();
    if (auto acked = ack_inputs(hold, *one); !acked) {
        changed_.notify_all();
        any_news_ = true;
        tell(hold);
        return acked;
    }
    entry what;
    append_outputs(what, one->changes.outputs());
    append_state(what, bodies_of(&one->changes, {identity_.epoch, step}));
    fly(std::move(what), number, true);
    take_events();
    changed_.wait_until(hold, until, [&] { return kept() >= number || !broken_ || log_ == nullptr; });
    const bool is_kept = kept() >= number;
    const status why = is_kept   ? status{}
                       : broken_ ? status{log_ == nullptr ? errc::closed : errc::timed_out}
                                 : broken_;
    tell(hold);
    return why;
}

// There is nothing to keep.
status transaction_core::end_empty(lock& hold) {
    ended_.push_back(std::move(*open_));
    open_.reset();
    ++counted_.committed;
    changed_.notify_all();
    tell(hold);
    return {};
}

// Its inputs are nacked without the lock, which takes their sockets' turns.
void transaction_core::abort_open(lock& hold, std::chrono::nanoseconds delay) {
    auto gone = std::exchange(open_, std::nullopt);
    ++counted_.aborted;
    changed_.notify_all();
    hold.unlock();
    for (delivery& each : gone->inputs) each.nack(delay);
    gone.reset();
    hold.lock();
}

void transaction_core::abort(std::uint64_t step, std::chrono::nanoseconds delay) noexcept {
    lock hold{mutex_};
    if (find(step) != nullptr) abort_open(hold, delay);
}

result<std::shared_ptr<output_log>> transaction_core::add_output(std::shared_ptr<record_log> log) {
    if (log == nullptr || !log->own_stream())
        return error{errc::unsupported, "output", "it is a stream of the journal: give journal::stream()"};
    const stream_id stream = *log->own_stream();
    const lock hold{mutex_};
    if (auto now = usable(); !now) return now.error();
    if (log->epoch() != identity_.epoch || log->nonce() != identity_.nonce)
        return error{errc::invalid_argument, "output", "one entry is of one journal: give a stream of the state's"};
    if (log->may_give_up(stream))
        return error{errc::unsupported, "retention", "what is sent ends by being settled: use a stream without"};
    next_[stream] = std::max<offset>(1, log->next_offset(stream));
    return outputs_.emplace_back(std::make_shared<output_log>(std::move(log)));
}

state_view transaction_core::view() const {
    const lock hold{mutex_};
    return state_.view();
}

transaction_stats transaction_core::stats() const {
    const lock hold{mutex_};
    transaction_stats now = counted_;
    const handled_counts inputs = guard_.stats();
    now.in_hand = inputs.in_hand;
    now.duplicates = inputs.duplicates;
    now.too_old = inputs.too_old;
    now.conflicts = inputs.conflicts;
    now.fenced += inputs.fenced;
    return now;
}

status transaction_core::health() const {
    const lock hold{mutex_};
    return usable();
}

}  // namespace godwit::detail
