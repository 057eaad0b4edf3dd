// log_queue: the records of one context on their way to its sink, which runs on the callback thread.
// Threads: thread-safe; its lock is a leaf but for the callback thread's, taken anywhere.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>

#include "core/callback_thread.hpp"
#include "godwit/log.hpp"
#include "godwit/peer.hpp"

namespace godwit::detail {

class GODWIT_EXPORT log_queue : public std::enable_shared_from_this<log_queue> {
public:
    static constexpr std::size_t records_max = 1024;

    log_queue(log_sink sink, log_level from) : sink_{std::move(sink)}, from_{from} {}

    void run_on(std::shared_ptr<callback_thread> thread);  // once; what was put before waits for it
    bool wants(log_level level) const noexcept { return level >= from_; }
    // Never blocks. A full queue drops and counts. What is in `what` and in an event is escaped.
    void put(log_level level, std::string_view socket, std::string_view what);
    void put(std::string_view socket, const event& happened);
    void cut();  // nothing comes from now on, but for the record that is being handled

private:
    struct entry {
        log_record record;
        std::uint64_t dropped_before;
    };
    void add(log_record&& record);
    void schedule(std::unique_lock<std::mutex>& hold);
    void deliver();
    bool take(log_record& into);  // lock held
    void tell(const log_record& record) const noexcept;

    const log_sink sink_;
    const log_level from_;

    std::mutex lock_;
    // Guarded by lock_:
    std::shared_ptr<callback_thread> thread_;
    std::deque<entry> waiting_;
    std::uint64_t dropped_ = 0;
    bool scheduled_ = false;
    bool cut_ = false;
};

}  // namespace godwit::detail
