#include "core/context_state.hpp"

#include <algorithm>

#include "core/plain_socket.hpp"
#include "godwit/context.hpp"

namespace godwit::detail {

namespace {

// libzmq's own sockets, a monitor's two for each, and the authenticator.
constexpr std::size_t sockets_each = 3;

// How long close() waits, at most, for user code on the callback thread that does not return.
constexpr std::chrono::seconds callbacks_wait_max{5};

status check(const context_options& options) {
    if (options.io_threads < 1 || options.io_threads > 16) {
        return error{errc::invalid_argument, "io_threads = " + std::to_string(options.io_threads), "give 1 to 16"};
    }
    if (options.sockets_max < 1 || options.sockets_max > 20'000) {
        return error{errc::invalid_argument, "sockets_max = " + std::to_string(options.sockets_max),
                     "give 1 to 20,000"};
    }
    return {};
}

result<std::shared_ptr<runner>> start_runner(void* zmq_context) {
    auto authenticator = zmq_authenticator::open(zmq_context);
    if (!authenticator) return authenticator.error();
    return runner::start(zmq_context, std::move(*authenticator));
}

}  // namespace

context_state::context_state(context_options options, host_lookup look_up)
    : options_{std::move(options)},
      hosts_{std::make_shared<host_names>(std::move(look_up))},
      log_{options_.log ? std::make_shared<log_queue>(options_.log, options_.log_from) : nullptr} {}

context_state::~context_state() {
    if (!mark_.forked()) (void)close(std::chrono::steady_clock::now());
}

result<context_state::zmq_side> context_state::start() {
    if (mark_.forked()) return errc::forked;
    const std::lock_guard hold{lock_};
    if (closed_) return errc::closed;
    if (zmq_.context != nullptr) return zmq_;
    auto started = start_zmq();
    if (started) zmq_ = *started;
    return started;
}

result<std::shared_ptr<callback_thread>> context_state::callbacks() {
    if (mark_.forked()) return errc::forked;
    const std::lock_guard hold{lock_};
    if (closed_) return errc::closed;
    if (auto started = start_callbacks(); !started) return started.error();
    return callbacks_;
}

status context_state::start_callbacks() {
    if (callbacks_ != nullptr) return {};
    auto started = callback_thread::start();
    if (!started) return started.error();
    callbacks_ = *started;
    return {};
}

result<context_state::zmq_side> context_state::start_zmq() const {
    if (!descriptors_to_spare()) {
        return error{errc::no_resources, "descriptors", "close some, or raise the limit (ulimit -n)"};
    }
    void* context = zmq_ctx_new();
    if (context == nullptr) return error{errc::no_resources, "zmq_ctx_new", zmq_strerror(zmq_errno())};
    zmq_ctx_set(context, ZMQ_IO_THREADS, options_.io_threads);
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS,
                static_cast<int>(std::min<std::size_t>(options_.sockets_max * sockets_each + 8, 65'535)));
    auto started = start_runner(context);
    if (!started) return zmq_ctx_term(context), started.error();
    return zmq_side{context, *started};
}

status context_state::check_options() const { return check(options_); }

status context_state::adopt(const std::shared_ptr<plain_socket>& socket) {
    if (mark_.forked()) return errc::forked;
    const std::lock_guard hold{lock_};
    if (closed_) return errc::closed;
    std::erase_if(sockets_, [](const auto& one) { return one.expired(); });
    sockets_.push_back(socket);
    if (log_ == nullptr) return {};
    if (auto started = start_callbacks(); !started) return started;
    log_->run_on(callbacks_);
    return {};
}

std::string context_state::take_name(std::string_view wished, std::string_view pattern) {
    const std::lock_guard hold{lock_};
    return socket_names_.take(wished, pattern);
}

void context_state::give_back_name(const std::string& name) {
    const std::lock_guard hold{lock_};
    socket_names_.give_back(name);
}

context_report context_state::report() {
    context_report now;
    if (mark_.forked()) return now;
    std::vector<std::weak_ptr<plain_socket>> sockets;
    {
        const std::lock_guard hold{lock_};
        sockets = sockets_;
    }
    for (const auto& one : sockets) {
        const auto socket = one.lock();
        if (auto open = socket ? socket->report_if_open() : std::nullopt) now.sockets.push_back(std::move(*open));
    }
    return now;
}

status context_state::close(std::chrono::steady_clock::time_point deadline) {
    if (mark_.forked()) return errc::forked;
    std::vector<std::weak_ptr<plain_socket>> sockets;
    zmq_side zmq;
    std::shared_ptr<callback_thread> callbacks;
    {
        const std::lock_guard hold{lock_};
        closed_ = true;
        sockets.swap(sockets_);
        zmq = zmq_;
        callbacks = callbacks_;
    }
    hosts_->finish();
    for (const auto& one : sockets) {
        if (const auto socket = one.lock()) socket->begin_close(socket->linger());
    }
    status ended;
    if (zmq.attendant != nullptr) {
        zmq.attendant->finish();
        ended = zmq.attendant->wait_finished(deadline);
    }
    // After the runner, which still has things to tell.
    if (callbacks == nullptr) return ended;
    callbacks->finish();
    const status called =
        callbacks->wait_finished(std::min(deadline, std::chrono::steady_clock::now() + callbacks_wait_max));
    if (log_ != nullptr) log_->cut();
    return ended ? called : ended;
}

context context_access::with(host_lookup look_up) {
    return context{std::make_shared<context_state>(context_options{}, std::move(look_up))};
}

}  // namespace godwit::detail

namespace godwit {

context::context(context_options options) : state_{std::make_shared<detail::context_state>(std::move(options))} {}
context::context(std::shared_ptr<detail::context_state> state) noexcept : state_{std::move(state)} {}
context::context(context&&) noexcept = default;

context& context::operator=(context&& other) noexcept {
    if (this != &other) {
        if (state_) (void)close();
        state_ = std::move(other.state_);
    }
    return *this;
}

context::~context() {
    if (state_) (void)close();
}

status context::close(timeout limit) { return state_->close(limit.deadline()); }
context_report context::report() const { return state_->report(); }

}  // namespace godwit
