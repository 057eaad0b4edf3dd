// What a link_engine does for its protocol: frames, news and time.
#include "core/link_engine.hpp"
#include "core/plain_socket.hpp"

namespace godwit::detail {

namespace {

constexpr int frames_a_round = 64;  // of each carrier
constexpr int rounds_a_turn = 4;
constexpr std::size_t settled_at_once = 4096;
constexpr std::size_t untold_max = 16;

}  // namespace

// Sending may process a carrier's commands and so eat the signal of what has come meanwhile: then it is looked at again.
void link_engine::pump() {
    if (protocol_ == nullptr || pumping_) return;
    pumping_ = true;
    struct ended {
        bool& flag;
        ~ended() { flag = false; }
    } const at_end{pumping_};
    calls_left_ = calls_without_a_look;
    unread_bytes_ = 0;
    pulse_->look.store(false, std::memory_order_relaxed);
    more_ = busy_ = false;
    for (int round = 0; round < rounds_a_turn; ++round) {
        touched_ = rung_ = false;
        more_ = take_frames();
        take_news();
        step();
        if (!touched_ && !more_) break;
    }
    more_ = more_ || rung_ || touched_;
    touched_ = rung_ = false;
    if (on_settled_) tell_settled();
    if (more_) socket_.bell_->ring_always();
    if (more_ || busy_) wake_watch();
}

// True: there may be more.
bool link_engine::take_frames() {
    bool more = false;
    for (carrier* const each : {socket_.first_, socket_.second_}) {
        if (each == nullptr) continue;
        int count = 0;
        for (; count < frames_a_round; ++count) {
            message frames;
            incoming in{frames, &name_};
            if (each->try_recv(in) != io::done) break;
            protocol_->took(names_.number_of(*each, name_), std::move(frames));
            if (socket_.own_ == pattern::req) news_ = true;  // a reply may be among them
        }
        more = more || count == frames_a_round;
    }
    return more;
}

void link_engine::take_news() {
    bool changed = false, writable = false;
    for (carrier* const each : {socket_.first_, socket_.second_}) {
        if (each == nullptr) continue;
        listed_.clear();
        each->take_gone(listed_);
        for (const std::string& name : listed_) {
            const auto number = names_.find(*each, name);
            if (!number) continue;
            protocol_->lost(*number);
            if (const auto* const who = names_.who(*number); who != nullptr && who->url.empty()) names_.forget(*number);
        }
        changed = each->take_changes() || changed;
        listed_.clear();
        each->take_writable(listed_);
        writable = writable || !listed_.empty();
    }
    if (changed) protocol_->links_changed();
    if (writable) protocol_->may_write();
}

// Who calls may not come again before it is due, and who sleeps on the descriptors sleeps until the time it knew.
void link_engine::step() {
    auto next = protocol_->step();
    if (closing_) next = std::min(next, close_deadline_);
    const bool nearer = next < pulse_->next.exchange(next);
    if (nearer && (socket_.room_.leader() == nullptr || is_led())) wake_watch();
}

void link_engine::tell_settled() {
    while (untold_.size() < untold_max) {
        auto settled = protocol_->take_settled(settled_at_once);
        if (settled.empty()) break;
        untold_.push_back(std::make_shared<std::vector<settled_record>>(std::move(settled)));
    }
    std::size_t told = 0;
    for (; told < untold_.size(); ++told) {
        if (!callbacks_->post([what = on_settled_, records = untold_[told]] { what(*records); })) break;
    }
    untold_.erase(untold_.begin(), untold_.begin() + static_cast<std::ptrdiff_t>(told));
}

bool link_engine::tend() {
    if (protocol_ == nullptr) return false;
    pump();
    if (closing_) {
        if (finish_if_done(clock::now())) return false;
    } else {
        const readiness now = ready();
        socket_.news_ = socket_.news_ || now.news;
        socket_.hand_on(now, nullptr);
    }
    watch_the_bell();
    pulse_->resting.store(true);
    return more_;
}

// While no caller leads, the runner does.
void link_engine::watch_the_bell() {
    if (socket_.room_.leader() != nullptr) return;
    if (socket_.bell_->rang()) socket_.bell_->disarm();
    if (socket_.inproc_ == nullptr || socket_.bell_->armed()) return;
    socket_.bell_->arm();
    pump();  // what was published before rings no bell
}

}  // namespace godwit::detail
