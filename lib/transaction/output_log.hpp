// output_log: the stream of a push that sends what transactions commit: its log, fed by another hand. Threads: as a
// record_log; tell() any.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "base/record_log.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT output_log final : public record_log {
public:
    explicit output_log(std::shared_ptr<record_log> beneath) noexcept : log_{std::move(beneath)} {}

    stream_id stream() const { return *log_->own_stream(); }
    bool take_for_a_socket() noexcept { return !taken_.exchange(true); }  // false: one has it
    // What was committed can be read. After, and without, any lock of who commits.
    void tell() {
        std::function<void()> told;
        {
            const std::lock_guard hold{lock_};
            told = tell_;
        }
        if (told) told();
    }

    bool is_fed(stream_id) const override { return true; }
    void on_event(std::function<void()> tell) override {
        {
            const std::lock_guard hold{lock_};
            tell_ = tell;
        }
        log_->on_event(std::move(tell));
    }

    stage reaches() const noexcept override { return log_->reaches(); }
    std::optional<stream_id> own_stream() const noexcept override { return log_->own_stream(); }
    status health() const override { return log_->health(); }
    offset next_offset(stream_id of) const override { return log_->next_offset(of); }
    log_answer append(entry&& what, stage wanted, log_ticket& ticket) override {
        return log_->append(std::move(what), wanted, ticket);
    }
    read_batch read(stream_id of, offset from) override { return log_->read(of, from); }
    offset visible(stream_id of) const override { return log_->visible(of); }
    offset first(stream_id of) const override { return log_->first(of); }
    std::vector<offset_range> holes(stream_id of) const override { return log_->holes(of); }
    void keep(std::vector<note>&& notes) override { log_->keep(std::move(notes)); }
    std::vector<note> notes(stream_id of) const override { return log_->notes(of); }
    void release(stream_id of, std::span<const offset_range> settled) override { log_->release(of, settled); }
    offset drop_below(stream_id of, offset end) override { return log_->drop_below(of, end); }
    bool may_give_up(stream_id of) const override { return log_->may_give_up(of); }
    offset given_up_below(stream_id of) const override { return log_->given_up_below(of); }
    offset first_since(stream_id of, wall_time when) const override { return log_->first_since(of, when); }
    std::uint64_t epoch() const noexcept override { return log_->epoch(); }
    stream_id nonce() const noexcept override { return log_->nonce(); }
    offset epoch_first(stream_id of) const override { return log_->epoch_first(of); }
    std::uint64_t bytes_used() const noexcept override { return log_->bytes_used(); }
    std::uint64_t bytes_max() const noexcept override { return log_->bytes_max(); }
    std::optional<log_event> take_event() override { return log_->take_event(); }

private:
    const std::shared_ptr<record_log> log_;
    std::atomic<bool> taken_{false};
    std::mutex lock_;
    std::function<void()> tell_;
};

}  // namespace godwit::detail
