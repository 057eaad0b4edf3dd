#include "ack_retry/pub_log.hpp"

#include <algorithm>
#include <utility>

namespace godwit::detail {

namespace {

constexpr std::size_t seen_max = 8;
constexpr std::size_t seal_bytes_min = 4096;

}  // namespace

// Offset 0 is never given: a plain socket's receipt has it. In a small log batches are small, for it gives up whole ones.
pub_log::pub_log(stream_id stream, record_log& log, filter_table& filters, std::vector<layer*> layers)
    : stream_{stream},
      log_{log},
      layers_{std::move(layers)},
      builder_{stream},
      next_{std::max<offset>(1, log.next_offset(stream))},
      gives_up_{log.gives_up_oldest(stream)},
      begun_at_{next_},
      seal_bytes_{std::clamp<std::size_t>(log.bytes_max() / 8, seal_bytes_min, seal_bytes_max)},
      seen_(seen_max, batch_match{filters}) {
    first_ = log.visible(stream) > 0 ? 0 : next_;
}

bool pub_log::keep(wall_time now) {
    if (sealed_.empty()) {
        if (builder_.empty()) return true;
        batch_ref batch = builder_.seal(now);
        const batch_view& view = batch.view;
        for (layer* const one : layers_)
            one->outgoing(stream_, {view.first(), view.last()}, view.count(), view.data().size());
        sealed_.batches.push_back(std::move(batch));
    }
    log_ticket ticket;
    const log_answer answer = log_.append(std::move(sealed_), log_.reaches(), ticket);
    if (answer == log_answer::full) return false;
    sealed_ = {};
    writing_ = answer == log_answer::pending;
    last_ticket_ = ticket.number;
    return builder_.empty() || keep(now);
}

batch_match* pub_log::read(offset from) {
    for (batch_match& each : seen_)
        if (each.covers(from)) return &each;
    read_batch found = log_.read(stream_, from);
    if (found.answer != log_answer::done) return nullptr;
    for (batch_match& each : seen_)
        if (each.covers(found.batch.view.last())) return &each;
    seen_last_ = (seen_last_ + 1) % seen_max;
    seen_[seen_last_].reset(std::move(found.batch));
    return &seen_[seen_last_];
}

offset pub_log::last() const {
    const auto holes = log_.holes(stream_);
    const offset end = !holes.empty() && holes.back().last + 1 == visible() ? holes.back().first : visible();
    return std::max(first(), end > 0 ? end - 1 : 0);
}

bool pub_log::drop_below(offset end) {
    const std::uint64_t before = log_.bytes_used();
    first_ = std::max({first_, end, log_.drop_below(stream_, end)});
    return log_.bytes_used() < before;
}

}  // namespace godwit::detail
