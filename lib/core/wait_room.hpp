// wait_room: the callers that wait on one socket. One of them, the leader, sleeps on the descriptors; the others sleep
// each in its own spot until they are called. Whoever leaves hands on, so that no wake-up is lost with the one it woke.
// A dark lamp stands for a foreign loop that waits here: it is lit for what is possible, and takes it from no caller.
// Threads: guarded by the socket's turn, but for waiter::call and waiter::sleep, which are thread-safe.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/carrier.hpp"
#include "core/doorbell.hpp"
#include "core/futex.hpp"
#include "core/lamp.hpp"

namespace godwit::detail {

enum class want : std::uint8_t { in, out, news };  // news: peers and subscriptions, not messages

class waiter {
public:
    explicit waiter(want what) noexcept : what_{what} {}
    void call() noexcept {
        called_.store(1, std::memory_order_release);
        futex_wake(called_, 1);
    }
    void sleep(std::chrono::steady_clock::time_point deadline) noexcept { futex_wait(called_, 0, deadline); }
    bool called() const noexcept { return called_.load(std::memory_order_acquire) != 0; }

private:
    friend class wait_room;
    std::atomic<std::uint32_t> called_{0};
    want what_;
    bool expected_ = false;  // was called, and has not looked yet
    waiter* next_ = nullptr;
    waiter* previous_ = nullptr;
};

class wait_room {
public:
    void hang(doorbell& bell) noexcept { bell_ = &bell; }  // once, before anybody waits

    // Somebody is here whom nobody has called since it last looked, or a dark lamp.
    bool anyone_asleep() const noexcept { return asleep_ != 0; }
    bool anyone_waits(want what) const noexcept {
        const waiter* who = first_;
        while (who != nullptr && who->what_ != what) who = who->next_;
        return who != nullptr;
    }
    bool alone(const waiter& who) const noexcept { return first_ == &who && last_ == &who && dark_lamps_ == 0; }
    waiter* leader() const noexcept { return leader_; }
    void lead(waiter* who) noexcept { leader_ = who; }

    void enter(waiter& who) noexcept {
        who.previous_ = last_;
        (last_ != nullptr ? last_->next_ : first_) = &who;
        last_ = &who;
        ++asleep_;
    }
    // What was called up to now is about to be looked at.
    void looks(waiter& who) noexcept {
        who.called_.store(0, std::memory_order_relaxed);
        if (std::exchange(who.expected_, false)) ++asleep_;
    }
    void leave(waiter& who) noexcept {
        if (!who.expected_) --asleep_;
        (who.previous_ != nullptr ? who.previous_->next_ : first_) = who.next_;
        (who.next_ != nullptr ? who.next_->previous_ : last_) = who.previous_;
    }
    void call(waiter& who) noexcept {
        if (std::exchange(who.expected_, true)) return;
        --asleep_;
        &who == leader_ ? bell_->ring_always() : who.call();
    }

    // At most one lamp for each of want::in and want::out. It hangs dark.
    void hang(want what, std::unique_ptr<lamp> one) noexcept {
        slot(what) = std::move(one);
        count_dark(+1);
    }
    lamp* lamp_for(want what) noexcept { return slot(what).get(); }
    bool dark(want what) noexcept { return slot(what) != nullptr && !slot(what)->lit(); }
    bool any_dark() const noexcept { return dark_lamps_ != 0; }
    bool only_this_asleep(want what) noexcept { return dark(what) && asleep_ == 1; }
    void light(want what) noexcept {
        if (!dark(what)) return;
        slot(what)->light();
        count_dark(-1);
    }
    void darken(want what) noexcept {
        if (slot(what) == nullptr || dark(what)) return;
        slot(what)->darken();
        count_dark(+1);
    }

    // Calls the first waiter, other than `but`, for each thing that is possible now; and, when nobody leads, at least one.
    void hand_on(readiness now, const waiter* but = nullptr) noexcept {
        bool in = now.in, out = now.out, news = now.news, lead = leader_ == nullptr;
        for (waiter* who = first_; who != nullptr; who = who->next_) {
            if (who == but) continue;
            bool& possible = who->what_ == want::in ? in : who->what_ == want::out ? out : news;
            if (!possible && !lead) continue;
            call(*who);
            if (who->what_ != want::news) possible = false;
            lead = false;
        }
    }
    void call_all() noexcept {
        light(want::in);
        light(want::out);
        for (waiter* who = first_; who != nullptr; who = who->next_) call(*who);
    }

private:
    std::unique_ptr<lamp>& slot(want what) noexcept { return lamps_[static_cast<std::size_t>(what)]; }
    void count_dark(int change) noexcept {
        dark_lamps_ += static_cast<unsigned>(change);
        asleep_ += static_cast<unsigned>(change);
    }

    doorbell* bell_ = nullptr;
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
    waiter* leader_ = nullptr;
    unsigned asleep_ = 0;  // waiters and dark lamps
    unsigned dark_lamps_ = 0;
    std::unique_ptr<lamp> lamps_[3];  // none for want::news
};

}  // namespace godwit::detail
