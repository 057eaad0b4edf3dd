// id_memory: the ids of an id_store behind a lock, and who writes their marks: whoever finds nobody writing takes the baton,
// and writes and syncs all that has gathered. Threads: every call from any thread; mark() blocks.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "dedup/id_format.hpp"

namespace godwit::detail {

class GODWIT_EXPORT id_memory {
public:
    // In memory alone, and that knows from then on.
    id_memory(const id_window& window, mark_log::world with, id_time known_since);
    static result<std::unique_ptr<id_memory>> open(std::unique_ptr<directory> where, const id_window& window,
                                                   stage confirm, mark_log::world with);
    ~id_memory();
    id_memory(const id_memory&) = delete;
    id_memory& operator=(const id_memory&) = delete;

    // See godwit/dedup_store.hpp.
    result<claim_answer> claim(const chosen_id& what);
    status mark(std::string_view id, std::optional<std::string_view> reply);
    status release(std::string_view id);
    result<id_time> known_since();

    const id_store_recovery& recovered() const noexcept { return found_; }
    id_store_stats stats() const;
    status close();

private:
    using lock = std::unique_lock<std::mutex>;
    // What goes with one write.
    struct gathering {
        std::vector<id_table::done_id> ids;
        std::string content;
        bool is_over = false;
        status how;
    };
    id_time now() const noexcept { return with_.time.wall(); }
    status works() const;
    void write_gathered(lock& hold);
    status write(lock& hold, const std::string& content);

    stage confirm_ = stage::durable;
    const mark_log::world with_;
    id_store_recovery found_;

    mutable std::mutex mutex_;
    id_table table_;
    std::unique_ptr<mark_log> log_;  // null: in memory alone; used by who has the baton
    std::shared_ptr<gathering> next_ = std::make_shared<gathering>();
    std::shared_ptr<gathering> spare_;  // the one behind it; there while anything has gathered
    bool writing_ = false;
    bool closed_ = false;
    status health_;
    std::condition_variable done_;
};

}  // namespace godwit::detail
