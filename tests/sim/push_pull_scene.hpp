// push_pull_scene: the nodes of a run with their applications. Threads: one.
#pragma once
#include <memory>
#include <vector>

#include "journal/sim_directory.hpp"
#include "sim/once_checker.hpp"
#include "sim/push_pull_run.hpp"

namespace godwit::detail {

class push_pull_scene final : public fault_scene {
public:
    push_pull_scene(const push_pull_options& options, const planted_bug& bug);

    sim_world& world() noexcept override { return world_; }
    push_pull_checker& checker() noexcept { return checker_; }
    const once_checker& once() const noexcept { return once_; }
    const push_pull_options& options() const noexcept { return options_; }
    std::uint32_t nodes() const noexcept { return options_.senders + options_.receivers; }  // senders first
    sim_node& node(std::uint32_t which) { return world_.node(which); }

    void start(std::uint32_t which);
    void restart(std::uint32_t which, bool quietly, std::chrono::nanoseconds after) override;
    void fault_happens() override { checker_.link_ended(); }
    bool send_one(std::uint32_t sender);        // in a turn of its own; false: nothing was taken
    void behave() noexcept { behave_ = true; }  // handlers do their work from now on, and what hangs ends
    void check_memory();
    std::size_t in_hand(std::uint32_t receiver) const {
        return applications_[options_.senders + receiver].running.size();
    }
    std::uint64_t still_to_send = 0;
    bool working = true;  // the workload goes on

private:
    struct handler {
        delivery what;
        std::uint64_t number = 0;
        std::uint32_t attempt = 0;
        std::uint64_t serial = 0;  // of the delivery
    };
    struct application {  // of one incarnation of a receiver
        std::vector<std::unique_ptr<handler>> running;
        std::uint64_t incarnation = 0;
    };
    void dial_all(std::uint32_t which);
    void work(std::uint32_t sender);
    tried send_into(delivery_protocol& own, std::uint32_t sender);
    void sender_turn(std::uint32_t sender);
    void receiver_turn(std::uint32_t receiver);
    void handle(std::uint32_t receiver, std::unique_ptr<handler> one);
    void finish(std::uint32_t receiver, std::uint64_t incarnation, handler* which, verdict how,
                std::chrono::nanoseconds delay);
    void watch_overdue(std::uint32_t receiver, const handler& one);
    void see_sent(const seen_frame& frame);
    bool see_arrival(const seen_frame& frame);
    bool is_sender(node_number which) const noexcept { return which < options_.senders; }

    std::vector<std::shared_ptr<layer>> memory_of(std::uint32_t receiver);
    void memory_ends(std::uint32_t receiver);

    const push_pull_options options_;
    const planted_bug& bug_;
    once_checker once_;
    // Of receivers with a memory; and those that killed ones may still write to.
    std::vector<std::unique_ptr<journal_tests::sim_disk>> disks_, former_disks_;
    std::vector<std::shared_ptr<watched_dedup>> memories_;
    sim_world world_;
    push_pull_checker checker_;
    std::vector<application> applications_;
    std::vector<std::vector<bool>> receiver_dials_;  // by sender, receiver
    bool behave_ = false;
};

}  // namespace godwit::detail
