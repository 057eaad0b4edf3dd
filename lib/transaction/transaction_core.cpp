// Opening, events of the log, and what is on its way: see transaction_core.hpp.
#include "transaction/transaction_core.hpp"

#include <algorithm>
#include <new>

#include "base/handled_marks.hpp"

namespace godwit::detail {

namespace cf = change_format;

namespace {

constexpr std::size_t batch_bytes = 256u << 10;
// Of the journal: the last picture, as many changes, the next picture, and room for outputs.
constexpr std::uint64_t state_part = 4;

}  // namespace

transaction_core::transaction_core(std::shared_ptr<record_log> log, const transaction_options& options)
    : options_{options},
      state_bytes_max_{std::min(options.state_bytes_max, log->bytes_max() / state_part)},
      identity_{*log->own_stream(), log->epoch(), log->nonce()},
      confirm_{log->reaches()},
      log_{std::move(log)},
      guard_{options.producers_max} {}

result<std::shared_ptr<transaction_core>> transaction_core::open(std::shared_ptr<record_log> log,
                                                                 const transaction_options& options) {
    if (log == nullptr || !log->own_stream() || log->epoch() == 0)
        return error{errc::unsupported, "transactions", "their state is a stream of a journal: give journal::stream()"};
    if (log->may_give_up(*log->own_stream()))
        return error{errc::unsupported, "retention", "a state is all that was committed: use a stream without"};
    std::shared_ptr<transaction_core> made{new transaction_core{std::move(log), options}};
    // It outlives every call: the log, which is gone first, waits for one that runs.
    made->log_->on_event([core = made.get()] { core->log_told(); });
    if (auto read = made->read_all(); !read) return read.error();
    return made;
}

transaction_core::~transaction_core() {
    try {
        (void)close(std::chrono::seconds{10});
    } catch (const std::bad_alloc&) {
        // Its log goes first all the same: it waits for who tells.
        lock hold{mutex_};
        auto log = std::exchange(log_, nullptr);
        hold.unlock();
    }
}

status transaction_core::read_all() {
    const stream_id own = identity_.scope;
    state_recovery found{guard_};
    if (auto read = read_batches(found); !read) return read;
    const lock hold{mutex_};
    state_ = std::move(found.map());
    since_picture_ = found.since_picture();
    picture_bytes_ = found.picture_bytes();
    next_[own] = std::max<offset>(1, log_->next_offset(own));
    return {};
}

status transaction_core::read_batches(state_recovery& into) {
    const stream_id own = identity_.scope;
    lock hold{mutex_};
    for (offset from = log_->first(own); from < log_->visible(own);) {
        readable_ = false;
        const read_batch read = log_->read(own, from);
        if (read.answer == log_answer::released) break;
        if (read.answer == log_answer::pending) {
            if (auto health = log_->health(); !health) return health;
            changed_.wait(hold, [this] { return readable_; });
            continue;
        }
        record_view each;
        for (auto at = read.batch.view.begin_position(); read.batch.view.next(at, each);) {
            if (each.at < from) continue;
            const auto taken = into.take(each.body);
            if (taken) continue;
            if (taken.failed(errc::unsupported)) return taken;
            return error{errc::corrupt, "record " + std::to_string(each.at) + " of stream " + to_string(own),
                         taken.error().what()};
        }
        from = read.batch.view.last() + 1;
    }
    return {};
}

// Of the log's threads, without any lock of its own.
void transaction_core::log_told() {
    lock hold{mutex_};
    if (log_ == nullptr) return;
    try {
        take_events();
        // Who begins writes the picture; of what is acked by itself alone nobody does.
        if (is_picture_due(2)) draw_picture(hold);
        tell(hold);
    } catch (const std::bad_alloc&) {
        out_of_memory(hold);
    }
}

// What was under way may be half done; nothing more is, and no ack leaves.
void transaction_core::out_of_memory(lock& hold) noexcept {
    if (!hold.owns_lock()) hold.lock();
    if (broken_) broken_ = error{errc::no_resources, "memory", "it ran out: open the state again"};
    any_news_ = true;
    changed_.notify_all();
}

void transaction_core::take_events() {
    while (auto event = log_->take_event()) {
        switch (event->what) {
            case log_event::kind::readable:
                readable_ = true;
                break;
            case log_event::kind::space:
                send_unsent();
                break;
            case log_event::kind::failed:
                if (broken_) broken_ = std::move(event->why);
                break;
            case log_event::kind::kept:
                while (!flights_.empty() && flights_.front().ticket &&
                       *flights_.front().ticket <= event->ticket.number) {
                    flight one = std::move(flights_.front());
                    flights_.pop_front();
                    finish(std::move(one));
                }
                break;
        }
        any_news_ = true;
    }
    changed_.notify_all();
}

// It is kept: from here on it is true for everybody.
void transaction_core::finish(flight&& one) {
    if (one.commits) {
        state_ = open_->changes.map();
        for (const auto& [stream, ranges] : claimed_) {
            for (const offset_range& range : ranges.ranges()) guard_.mark({stream, range});
        }
        claimed_.clear();
        for (const auto& each : open_->changes.outputs()) outputs_to_tell_.push_back(each.to);
        ended_.push_back(std::move(*open_));
        open_.reset();
        ++counted_.committed;
    }
    if (one.release_below) {
        const offset_range gone{0, *one.release_below - 1};
        log_->release(identity_.scope, {&gone, 1});
        ++counted_.pictures;
    }
    kept_.store(one.number, std::memory_order_release);
}

// Who listens, without the lock.
void transaction_core::tell(lock& hold) {
    if (!any_news_ && ended_.empty()) return;
    const auto listeners = listeners_;
    const bool news = std::exchange(any_news_, false);
    auto ended = std::exchange(ended_, {});
    const auto outputs = std::exchange(outputs_to_tell_, {});
    hold.unlock();
    ended.clear();
    for (const auto& one : outputs) one->tell();
    for (const auto& [number, wake] : listeners) {
        if (news && wake) wake();
    }
    hold.lock();
}

status transaction_core::usable() const {
    if (!broken_) return broken_;
    return closed_ ? status{errc::closed} : status{};
}

void transaction_core::fly(entry&& what, std::uint64_t number, bool commits) {
    flights_.push_back({std::move(what), number, std::nullopt, commits, std::nullopt});
    send_unsent();
}

// In order; without room the rest waits for it. An entry that is half made, or lost, has none behind it.
void transaction_core::send_unsent() {
    if (!broken_) return;
    for (flight& one : flights_) {
        if (one.ticket) continue;
        log_ticket ticket;
        if (log_->append(std::move(one.what), confirm_, ticket) == log_answer::full) return;
        one.what = {};
        one.ticket = ticket.number;
    }
}

std::vector<std::string> transaction_core::bodies_of(const change_list* changes, transaction_number number) {
    std::string marks = std::exchange(unwritten_marks_, {});
    for (const auto& [stream, ranges] : claimed_) {
        for (const offset_range& range : ranges.ranges()) put_done(marks, stream, range);
    }
    std::vector<std::string> all;
    const std::size_t count = changes != nullptr ? changes->bodies().size() : 0;
    if (marks.empty() && count == 0) return all;
    std::uint16_t part = 0;
    do {
        std::string body = begin_changes(cf::kind::changes, number, part);
        if (part == 0 && !marks.empty()) put_marks(body, marks);
        if (part < count) body += changes->bodies()[part];
        since_picture_ += body.size();
        all.push_back(std::move(body));
    } while (++part < count);
    return all;
}

void transaction_core::append_state(entry& to, std::span<const std::string> bodies) {
    if (bodies.empty()) return;
    offset& next = next_[identity_.scope];
    batch_builder builder{identity_.scope};
    for (const std::string& one : bodies) {
        if (!builder.add_body(next, as_bytes(one), batch_bytes)) {
            to.batches.push_back(builder.seal(system_time().wall()));
            builder.add_body(next, as_bytes(one), batch_bytes);
        }
        ++next;
    }
    to.batches.push_back(builder.seal(system_time().wall()));
}

void transaction_core::append_outputs(entry& to, std::span<const change_list::sent> outputs) {
    for (const auto& one : outputs) {
        if (one.what.empty()) continue;
        offset& next = next_[one.to->stream()];
        batch_builder builder{one.to->stream()};
        std::vector<header> headers;
        for (const message& each : one.what) {
            headers.clear();
            for (std::size_t at = 0; at < each.header_count(); ++at) headers.push_back(each.header_at(at));
            const record_parts parts{each.topic(), each.key(), headers, each.body()};
            if (!builder.add(next, parts, batch_bytes)) {
                to.batches.push_back(builder.seal(system_time().wall()));
                builder.add(next, parts, batch_bytes);
            }
            ++next;
        }
        to.batches.push_back(builder.seal(system_time().wall()));
    }
}

namespace {

std::vector<std::string> picture_of(const state_view& state, transaction_number number) {
    std::vector<std::string> bodies{begin_changes(cf::kind::picture_goes_on, number)};
    state.for_each([&](std::string_view key, std::string_view value) {
        if (bodies.back().size() + key.size() + value.size() > cf::body_bytes)
            bodies.push_back(begin_changes(cf::kind::picture_goes_on, number));
        put_put(bodies.back(), key, value);
        return true;
    });
    bodies.push_back(begin_changes(cf::kind::picture_ends, number));
    put_count(bodies.back(), state.size());
    return bodies;
}

}  // namespace

// When what has changed since the last one is so many times as much as that was.
bool transaction_core::is_picture_due(std::uint64_t times) const {
    constexpr std::uint64_t least = 1u << 20;
    return !open_ && !draws_ && usable() && since_picture_ >= times * std::max(least, picture_bytes_);
}

// While nothing is open, and nothing begins: what somebody commits meanwhile would come between its parts.
void transaction_core::draw_picture(lock& hold) {
    draws_ = true;
    try {
        write_picture(hold);
    } catch (const std::bad_alloc&) {
        out_of_memory(hold);
    }
    draws_ = false;
    changed_.notify_all();
}

// All that is true, in entries of their own. What stands before it is released once its end is kept.
void transaction_core::write_picture(lock& hold) {
    since_picture_ = 0;
    const transaction_number number{identity_.epoch, 0};
    const state_view drawn = state_.view();
    const offset first = next_[identity_.scope];
    std::vector<std::string> bodies{begin_changes(cf::kind::picture_begins, number)};
    std::string marks;
    put_all(marks, guard_);
    if (!marks.empty()) put_marks(bodies.back(), marks);
    entry begins;
    append_state(begins, bodies);
    picture_bytes_ = bodies.back().size();
    fly(std::move(begins), next_number());
    hold.unlock();
    bodies = picture_of(drawn, number);
    hold.lock();
    if (log_ == nullptr || !broken_) return;  // close() did not wait so long, or a write failed
    for (const std::string& one : bodies) {
        entry part;
        append_state(part, {&one, 1});
        picture_bytes_ += one.size();
        flights_.push_back({std::move(part), next_number(), std::nullopt, false, std::nullopt});
    }
    flights_.back().release_below = first;
    send_unsent();
    take_events();
}

// What is decided is waited for; what is open is not.
status transaction_core::close(timeout limit) {
    const auto until = limit.deadline();
    lock hold{mutex_};
    closed_ = true;
    changed_.notify_all();
    const auto wait_for = [&](const auto& over) {
        if (!changed_.wait_until(hold, until, [&] { return over() || !broken_; })) broken_ = errc::timed_out;
    };
    wait_for([this] { return !draws_ && (!open_ || !open_->decided); });
    if (open_ && !open_->decided) abort_open(hold, {});
    if (log_ == nullptr) return broken_;  // another close() was first
    if (broken_ && !unwritten_marks_.empty()) {
        entry last;
        append_state(last, bodies_of(nullptr, {identity_.epoch, 0}));
        fly(std::move(last), next_number());
        take_events();
    }
    wait_for([this] { return flights_.empty(); });
    auto log = std::exchange(log_, nullptr);
    auto outputs = std::exchange(outputs_, {});
    const status ended = broken_;
    any_news_ = true;
    changed_.notify_all();
    tell(hold);
    hold.unlock();  // what goes now waits for who tells, and that may want the lock
    return ended;
}

}  // namespace godwit::detail
