// dedup_memory: one memory of what was handled, for any number of sockets: the guard behind a lock, and who writes its marks.
// Marks gather while others are written, and go together. Threads: every call from any thread; those of sockets are short
// and touch no file, but for a memory that writes by itself (`by_caller`, for simulations).
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/guard.hpp"
#include "dedup/mark_log.hpp"
#include "godwit/dedup.hpp"
#include "godwit/timeout.hpp"

namespace godwit::detail {

class GODWIT_EXPORT dedup_memory {
public:
    enum class writing : std::uint8_t { by_thread, by_caller };

    explicit dedup_memory(const dedup_options& options);  // in memory alone
    static result<std::shared_ptr<dedup_memory>> open(std::unique_ptr<directory> where, const dedup_options& options,
                                                      mark_log::world with, writing how = writing::by_thread);
    ~dedup_memory();
    dedup_memory(const dedup_memory&) = delete;
    dedup_memory& operator=(const dedup_memory&) = delete;

    // Of a layer; see godwit/layer.hpp.
    status met(const sender_greeting& said);
    void floor_moved(stream_id stream, offset to);
    bool pass_whole(stream_id stream, offset_range what);
    void offer(std::span<offered_record> records);
    void let_go(stream_id stream, offset_range what) noexcept;
    std::uint64_t mark(std::span<const handled_range> what);
    std::uint64_t kept() const noexcept { return kept_.load(std::memory_order_acquire); }

    // A socket that wants to hear when kept() or health() has changed; until the second.
    std::uint64_t listen(std::function<void()> wake);
    void leave(std::uint64_t listener);

    memory_identity identity() const noexcept { return identity_; }
    const dedup_recovery& recovered() const noexcept { return found_; }
    dedup_stats stats() const;
    status health() const;
    status flush(timeout limit);
    status close();

private:
    using lock = std::unique_lock<std::mutex>;
    void note(const std::string& content);
    void write_gathered(lock& hold);
    status write(const std::string& content, const std::string& all);
    void write_until(const std::stop_token& stop);

    const dedup_options options_;
    memory_identity identity_;
    dedup_recovery found_;
    std::atomic<std::uint64_t> kept_{1};

    mutable std::mutex mutex_;
    detail::guard guard_;
    std::unique_ptr<mark_log> log_;  // null: in memory alone; used by who writes
    bool by_caller_ = false;
    std::string gathered_;         // what is to be written next
    std::uint64_t gathering_ = 2;  // its number
    bool writing_ = false;
    bool closed_ = false;
    status health_;
    std::vector<std::pair<std::uint64_t, std::function<void()>>> listeners_;
    std::uint64_t last_listener_ = 0;
    std::condition_variable_any work_, done_;
    std::jthread writer_;  // the last: it ends first
};

}  // namespace godwit::detail
