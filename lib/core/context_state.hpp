// context_state: what a context holds: the inproc names, and, from the first ipc or tcp endpoint on, libzmq's context and
// the runner. Shared by the context and its sockets, so that either may end first. Threads: thread-safe.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "core/callback_thread.hpp"
#include "core/fork_mark.hpp"
#include "core/host_names.hpp"
#include "core/inproc_registry.hpp"
#include "core/log_queue.hpp"
#include "core/runner.hpp"
#include "core/socket_names.hpp"
#include "godwit/context.hpp"
#include "godwit/options.hpp"
#include "godwit/report.hpp"

namespace godwit::detail {

class plain_socket;

class GODWIT_EXPORT context_state {
public:
    explicit context_state(context_options options, host_lookup look_up = look_up_host);
    ~context_state();

    struct zmq_side {
        void* context;
        std::shared_ptr<detail::runner> attendant;
    };
    // Starts libzmq and the runner when they are not there yet. `no_resources`, `closed`, `forked`.
    result<zmq_side> start();

    // The thread for user code, started when it is not there yet. `no_resources`, `closed`, `forked`.
    result<std::shared_ptr<callback_thread>> callbacks();

    status check_options() const;                               // `invalid_argument`
    status adopt(const std::shared_ptr<plain_socket>& socket);  // `closed`; `no_resources` for the log's thread
    std::string take_name(std::string_view wished, std::string_view pattern);
    void give_back_name(const std::string& name);
    status close(std::chrono::steady_clock::time_point deadline);
    context_report report();

    const std::shared_ptr<log_queue>& log() const noexcept { return log_; }  // null: nobody listens
    const std::shared_ptr<host_names>& hosts() const noexcept { return hosts_; }
    const std::shared_ptr<inproc_registry>& names() const noexcept { return names_; }
    const fork_mark& mark() const noexcept { return mark_; }

private:
    result<zmq_side> start_zmq() const;
    status start_callbacks();  // lock held

    const context_options options_;
    const fork_mark mark_;
    const std::shared_ptr<inproc_registry> names_ = std::make_shared<inproc_registry>();
    const std::shared_ptr<host_names> hosts_;
    const std::shared_ptr<log_queue> log_;

    std::mutex lock_;
    // Guarded by lock_:
    bool closed_ = false;
    zmq_side zmq_{};
    std::shared_ptr<callback_thread> callbacks_;
    std::vector<std::weak_ptr<plain_socket>> sockets_;  // oldest first
    socket_names socket_names_;
};

// A context in another world than the system's.
struct GODWIT_EXPORT context_access {
    static context with(host_lookup look_up);
};

}  // namespace godwit::detail
