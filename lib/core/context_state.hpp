// context_state: what a context holds: the inproc names, and, from the first ipc or tcp endpoint on, libzmq's context and
// the runner. Shared by the context and its sockets, so that either may end first. Threads: thread-safe.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "core/fork_mark.hpp"
#include "core/inproc_registry.hpp"
#include "core/runner.hpp"
#include "godwit/options.hpp"

namespace godwit::detail {

class plain_socket;

class context_state {
public:
    explicit context_state(context_options options) : options_{options} {}
    ~context_state();

    struct zmq_side {
        void* context;
        std::shared_ptr<detail::runner> attendant;
    };
    // Starts libzmq and the runner when they are not there yet. `no_resources`, `closed`, `forked`.
    result<zmq_side> start();

    status check_options() const;                               // `invalid_argument`
    status adopt(const std::shared_ptr<plain_socket>& socket);  // `closed`
    status close(std::chrono::steady_clock::time_point deadline);

    const std::shared_ptr<inproc_registry>& names() const noexcept { return names_; }
    const fork_mark& mark() const noexcept { return mark_; }

private:
    result<zmq_side> start_zmq() const;

    const context_options options_;
    const fork_mark mark_;
    const std::shared_ptr<inproc_registry> names_ = std::make_shared<inproc_registry>();

    std::mutex lock_;
    // Guarded by lock_:
    bool closed_ = false;
    zmq_side zmq_{};
    std::vector<std::weak_ptr<plain_socket>> sockets_;
};

}  // namespace godwit::detail
