#include "dedup/dedup_memory.hpp"

#include <algorithm>
#include <chrono>
#include <new>

namespace godwit::detail {

namespace {

constexpr auto starved_pause = std::chrono::milliseconds{200};

}  // namespace

dedup_memory::dedup_memory(const dedup_options& options) : options_{options}, guard_{options.producers_max} {
    identity_.scope = {system_random().draw(), system_random().draw()};
    identity_.epoch = 1;
    identity_.nonce = {system_random().draw(), system_random().draw()};
    found_.is_new = true;
}

result<std::shared_ptr<dedup_memory>> dedup_memory::open(std::unique_ptr<directory> where, const dedup_options& options,
                                                         mark_log::world with, writing how) {
    auto made = std::make_shared<dedup_memory>(options);
    made->found_ = {};
    auto opened = mark_log::open(std::move(where), with, made->guard_, made->found_);
    if (!opened) return opened.error();
    made->log_ = std::move(*opened);
    const mark_file_header& header = made->log_->header();
    made->identity_ = {header.scope, header.epoch, header.nonce};
    made->by_caller_ = how == writing::by_caller;
    if (!made->by_caller_)
        made->writer_ = std::jthread{[memory = made.get()](const std::stop_token& stop) { memory->write_until(stop); }};
    return made;
}

dedup_memory::~dedup_memory() { (void)close(); }

status dedup_memory::met(const sender_greeting& said) {
    const lock hold{mutex_};
    std::vector<stream_id> forgotten;
    const auto met = guard_.meet(said, forgotten);
    if (!met) return met.error();
    std::string content;
    for (const stream_id& one : forgotten) put_forgotten(content, one);
    if (*met) put_producer(content, said.stream, guard_.producer(said.stream));
    note(content);
    return {};
}

void dedup_memory::floor_moved(stream_id stream, offset to) {
    const lock hold{mutex_};
    guard_.floor_moved(stream, to);
}

bool dedup_memory::pass_whole(stream_id stream, offset_range what) {
    const lock hold{mutex_};
    return guard_.pass_whole(stream, what);
}

void dedup_memory::offer(std::span<offered_record> records) {
    const lock hold{mutex_};
    guard_.offer(records);
}

void dedup_memory::let_go(stream_id stream, offset_range what) noexcept {
    const lock hold{mutex_};
    guard_.let_go(stream, what);
}

// Of what was marked before, too, the ack waits for all that gathers: it may be among that.
std::uint64_t dedup_memory::mark(std::span<const handled_range> what) {
    lock hold{mutex_};
    std::string content;
    for (const handled_range& one : what) {
        if (guard_.mark(one)) put_done(content, one.stream, one.what);
    }
    if (log_ == nullptr) return 0;
    note(content);
    if (by_caller_ && !gathered_.empty()) write_gathered(hold);
    return gathered_.empty() ? gathering_ - 1 : gathering_;
}

void dedup_memory::note(const std::string& content) {
    if (log_ == nullptr || content.empty()) return;
    gathered_ += content;
    if (!by_caller_) work_.notify_one();
}

status dedup_memory::write(const std::string& content, const std::string& all) {
    if (!all.empty()) {
        auto written = log_->rewrite(all);
        if (!written.failed(errc::full)) return written;
    }
    if (auto written = log_->append(content); !written) return written;
    return options_.confirm == stage::durable ? log_->sync() : status{};
}

// One write, and one sync, of all that has gathered; or all anew, which has it, too.
void dedup_memory::write_gathered(lock& hold) {
    writing_ = true;
    const std::uint64_t number = gathering_++;
    std::string content = std::exchange(gathered_, {}), all;
    if (log_->has_grown()) put_all(all, guard_);
    hold.unlock();
    status done = write(content, all);
    hold.lock();
    writing_ = false;
    if (done.failed(errc::full)) {
        // It goes first, with what has gathered meanwhile.
        gathered_.insert(0, content);
        gathering_ = number;
    } else if (done) {
        kept_.store(number, std::memory_order_release);
    }
    health_ = std::move(done);
    done_.notify_all();
    const auto listeners = listeners_;
    hold.unlock();
    for (const auto& [number_of, wake] : listeners) {
        if (wake) wake();
    }
    hold.lock();
}

void dedup_memory::write_until(const std::stop_token& stop) {
    lock hold{mutex_};
    while (!stop.stop_requested()) {
        if (gathered_.empty() || closed_ || (!health_ && !health_.failed(errc::full))) {
            work_.wait(hold, stop,
                       [this] { return !gathered_.empty() && !closed_ && (health_ || health_.failed(errc::full)); });
            continue;
        }
        write_gathered(hold);
        if (health_.failed(errc::full)) work_.wait_for(hold, stop, starved_pause, [] { return false; });
    }
}

std::uint64_t dedup_memory::listen(std::function<void()> wake) {
    const lock hold{mutex_};
    listeners_.emplace_back(++last_listener_, std::move(wake));
    return last_listener_;
}

void dedup_memory::leave(std::uint64_t listener) {
    const lock hold{mutex_};
    std::erase_if(listeners_, [&](const auto& one) { return one.first == listener; });
}

dedup_stats dedup_memory::stats() const {
    const lock hold{mutex_};
    const handled_counts now = guard_.stats();
    return {.producers = now.producers,
            .open_ranges = now.open_ranges,
            .in_hand = now.in_hand,
            .duplicates = now.duplicates,
            .joined = now.joined,
            .too_old = now.too_old,
            .conflicts = now.conflicts,
            .fenced = now.fenced,
            .forgotten = now.forgotten};
}

status dedup_memory::health() const {
    const lock hold{mutex_};
    return closed_ && log_ != nullptr && health_ ? status{errc::closed} : health_;
}

status dedup_memory::flush(timeout limit) {
    lock hold{mutex_};
    if (log_ == nullptr) return {};
    const std::uint64_t wanted = gathered_.empty() ? gathering_ - 1 : gathering_;
    const auto is_over = [&] { return kept() >= wanted || closed_ || (!health_ && !health_.failed(errc::full)); };
    if (!done_.wait_until(hold, limit.deadline(), is_over)) return health_ ? status{errc::timed_out} : health_;
    if (kept() >= wanted) return {};
    return health_ ? status{errc::closed} : health_;
}

status dedup_memory::close() {
    if (writer_.joinable()) {
        writer_.request_stop();
        work_.notify_all();
        writer_.join();
    }
    lock hold{mutex_};
    if (log_ == nullptr || closed_) return health_;
    if (!gathered_.empty() && (health_ || health_.failed(errc::full))) write_gathered(hold);
    closed_ = true;
    if (health_) health_ = log_->close();
    done_.notify_all();
    const status ended = health_;
    log_->release();
    return ended;
}

}  // namespace godwit::detail
