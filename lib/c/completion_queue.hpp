// completion_queue: operations that are under way, and the results of those that are not, behind one descriptor.
// Each operation is a coroutine that keeps the queue; where it had to wait it resumes on the context's callback thread, and
// only files its result there, in memory that was taken when it began. Threads: thread-safe; its lock is a leaf.
#pragma once
#include <condition_variable>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <unordered_map>

#include "c/deliveries.hpp"
#include "c/messages.hpp"
#include "godwit/c/queue.h"

namespace godwit::c {

class completion_queue {
public:
    explicit completion_queue(std::size_t operations_max);  // throws `no_resources`
    completion_queue(const completion_queue&) = delete;
    completion_queue& operator=(const completion_queue&) = delete;
    ~completion_queue();

    // What an operation is, and has brought. What it holds goes with it.
    struct operation {
        std::uint64_t number = 0, tag = 0, socket = 0;
        std::int32_t kind = 0;
        bool can_reply = false, told_to_stop = false;
        std::optional<error> why = {};
        request came = {};
        message reply = {};
        godwit_receipt receipt = {};
        std::stop_source stop = {};
    };
    using place = std::list<operation>::iterator;  // nobody else's until it is complete

    place begin(std::int32_t kind, std::uint64_t tag, std::uint64_t socket);  // throws `full`, `closed`
    void complete(place which) noexcept;
    void withdraw(place which) noexcept;  // it never began
    status cancel(std::uint64_t number);
    void close() noexcept;

    int descriptor() const noexcept { return event_; }
    status next(godwit_completion* out, std::size_t max, std::size_t& taken, timeout limit);

private:
    void light(bool on) noexcept;  // with the lock held
    godwit_completion hand_out(operation& done, delivery_room& deliveries, message_room& messages);

    const std::size_t operations_max_;
    int event_ = -1;

    std::mutex lock_;
    // Guarded by lock_:
    std::condition_variable news_;
    std::list<operation> open_, done_;
    std::unordered_map<std::uint64_t, place> by_number_;  // of open_
    std::deque<godwit_error> errors_;                     // of what was taken out last
    std::uint64_t last_ = 0;
    bool closed_ = false;
};

}  // namespace godwit::c
