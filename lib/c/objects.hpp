// objects: what the handles of the C interface stand for, and the tables in which they are looked up.
// Threads: the tables are thread-safe; an object says itself what may be done with it by several threads.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stop_token>
#include <variant>

#include "c/handle_table.hpp"
#include "godwit/c/base.h"
#include "godwit/godwit.h"
#include "godwit/godwit.hpp"
#include "godwit/journal.hpp"
#include "godwit/journal_reader.hpp"

namespace godwit::c {

class completion_queue;

inline constexpr std::size_t piece = 64;  // of many, what is done at a time

struct any_socket {
    using patterns = std::variant<push, pull, pub, sub, req, rep>;

    template <class P>
    any_socket(P&& made) noexcept : it{std::forward<P>(made)} {}

    patterns it;
    socket& common() noexcept {
        return std::visit([](auto& one) -> socket& { return one; }, it);
    }
    // The pattern that a call is for; throws `unsupported` for another.
    template <class P>
    P& as() {
        if (P* const wanted = std::get_if<P>(&it)) [[likely]]
            return *wanted;
        throw_other_pattern();
    }
    [[noreturn]] void throw_other_pattern() const;
};

// What cannot be replied to, in the same type.
inline request as_request(delivery&& whole) noexcept {
    request made;
    static_cast<delivery&>(made) = std::move(whole);
    return made;
}

struct any_delivery {
    any_delivery(request&& taken, std::uint64_t from, bool can_reply) noexcept
        : what{std::move(taken)}, socket{from}, answerable{can_reply} {}
    // The message of another delivery, which keeps the right to settle, and is borrowed until end_loan().
    any_delivery(delivery& lent, std::uint64_t from)
        : what{as_request(delivery{lent.message()})}, right{&lent}, socket{from} {}
    any_delivery(any_delivery&&) = delete;
    void end_loan() noexcept {
        const std::lock_guard hold{turn};
        right = &what;
    }

    request what;  // of a pull or sub without a way to reply
    delivery* right = &what;
    std::uint64_t socket;  // its handle, for settling in one piece
    bool answerable = false;
    slot_list::spin_lock turn;  // settling and replying, by one thread at a time
};

struct one_pending {
    explicit one_pending(pending&& open) noexcept : what{std::move(open)} {}
    one_pending(one_pending&& other) noexcept : what{std::move(other.what)} {}
    pending what;
    std::atomic_flag waited_for;
};

// A reader and its cursors take turns.
struct one_reader {
    explicit one_reader(journal_reader&& opened) : what{std::move(opened)} {}
    journal_reader what;
    std::mutex turn;
};
struct one_cursor {
    journal_cursor what;
    std::shared_ptr<one_reader> of;
};

template <class T>
using shared_table = handle_table<std::shared_ptr<T>>;

struct all_tables {
    all_tables();

    shared_table<context> contexts{1, "context"};
    handle_table<any_socket> sockets{2, "socket"};
    handle_table<message> messages{3, "message"};
    handle_table<any_delivery> deliveries{4, "delivery"};
    handle_table<one_pending> pendings{5, "pending request"};
    shared_table<completion_queue> queues{6, "completion queue"};
    handle_table<std::stop_source> stops{7, "stop"};
    handle_table<journal> journals{8, "journal"};
    handle_table<journal_stream> streams{9, "stream"};
    shared_table<one_reader> readers{10, "journal reader"};
    handle_table<one_cursor> cursors{11, "journal cursor"};

    template <class Each>
    void for_each(Each&& each) {
        each(contexts), each(sockets), each(messages), each(deliveries), each(pendings), each(queues);
        each(stops), each(journals), each(streams), each(readers), each(cursors);
    }
};
// Never destroyed: threads may be in it when the process ends.
all_tables& tables() noexcept;

inline timeout timeout_of(std::int64_t nanoseconds) noexcept {
    return nanoseconds == GODWIT_NEVER ? timeout::never : timeout{std::chrono::nanoseconds{nanoseconds}};
}
// Longer than any limit is all the same, and what is computed from it does not overflow: 31 years.
inline std::chrono::milliseconds milliseconds_of(std::int64_t given) noexcept {
    constexpr std::int64_t most = 1'000'000'000'000;
    return std::chrono::milliseconds{std::clamp(given, -most, most)};
}
inline std::chrono::nanoseconds nanoseconds_of(std::int64_t given) noexcept {
    constexpr std::int64_t most = 1'000'000'000'000'000'000;
    return std::chrono::nanoseconds{std::clamp(given, -most, most)};
}
std::stop_token token_of(godwit_stop stop);  // of {0}: one that never stops

template <class Clock, class Duration>
std::int64_t since_1970(std::chrono::time_point<Clock, Duration> when) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
}
inline std::chrono::system_clock::time_point at_time(std::int64_t nanoseconds) noexcept {
    return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds{nanoseconds})};
}

// A stage of the interface; throws `invalid_argument`.
stage stage_of(std::int32_t number);

}  // namespace godwit::c
