// async_desk: the suspended calls of a context's sockets: who waits where, and who is next. Its thread, the callback
// thread, waits on the sockets' descriptors, and resumes those whose call is settled.
// A call is claimed before it is tried, so that whoever cancels it meanwhile comes too late or is heard afterwards: a
// message is either the call's or still in its queue.
// Threads: thread-safe, but for turn() and end(), which are the callback thread's. Its lock is a leaf: no call is tried
// and no user code runs while it is held.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"
#include "core/async_list.hpp"
#include "godwit/async.hpp"

namespace godwit::detail {

// The calls that wait on one direction of a socket. Guarded by the desk's lock, but for `count`.
struct async_watch {
    async_queue calls;
    std::atomic<std::size_t> count{0};   // of calls; read by anyone
    int descriptor = -1;                 // -1: not watched
    bool resting = false;                // fired too often for nothing: not looked at until the next millisecond
    unsigned fruitless = 0;              // times in a row that it fired for nothing
    std::shared_ptr<plain_socket> keep;  // while it is watched
};

class async_desk {
public:
    static result<std::unique_ptr<async_desk>> make();  // `no_resources`

    bool add(async_operation& call, int descriptor);  // false: it is settled
    void cancel(async_operation& call) noexcept;
    void forget(async_operation& call) noexcept;  // its coroutine is being destroyed
    void wake() noexcept;                         // turn() returns

    // The callback thread's. Serves what is ready; waits for it, if `may_wait`.
    void turn(bool may_wait);
    void end();  // settles all that is left as `closed`

    async_desk(unique_fd poll, unique_fd bell) noexcept : poll_{std::move(poll)}, bell_{std::move(bell)} {}

private:
    using clock = std::chrono::steady_clock;
    using lock = std::unique_lock<std::mutex>;

    static async_watch& watch_of(async_operation& call) noexcept;
    int milliseconds_to_wait();
    void serve(async_watch& watch);
    bool try_first(async_watch& watch, lock& hold);  // false: it has to wait, and so do those behind it
    void move_on(async_operation& call, awaits was, lock& hold);
    void expire();
    void resume_done();
    void resume(async_operation& call, lock& hold);
    void resume_at_once(async_operation& call);
    status watch(async_watch& watch, async_operation& call, int descriptor);
    void listen(async_watch& watch, bool on) noexcept;
    void unwatch(async_watch& watch, lock& hold);
    void rest(async_watch& watch) noexcept;
    void settle(async_operation& call, errc why) noexcept;
    void take_out(async_operation& call) noexcept;
    void enqueue(async_operation& call, async_watch& watch) noexcept;

    const unique_fd poll_;
    const unique_fd bell_;
    std::mutex lock_;
    std::condition_variable unclaimed_;
    // Guarded by lock_:
    async_queue done_;  // settled, and to be resumed
    async_timers timed_;
    clock::time_point earliest_ = clock::time_point::max();  // no deadline of timed_ is before
    std::vector<async_watch*> watched_;
    bool anyone_rests_ = false;
    bool ended_ = false;
    bool asleep_ = false;
};

}  // namespace godwit::detail
