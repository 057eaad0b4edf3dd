// transaction_world: a state over a journal on a simulated disk, and a pull that hands out what the test wants.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/held_batch.hpp"
#include "journal/journal_store.hpp"
#include "journal/sim_directory.hpp"
#include "test_main.hpp"
#include "transaction/transaction_core.hpp"

namespace transaction_tests {

using namespace godwit;
using namespace godwit::detail;
using journal_tests::sim_disk;

inline constexpr stream_id sender{1, 1};

// As a receiver is to a transaction: settled in its turn, and asks when an ack may leave.
class fake_pull final : public settler, public std::enable_shared_from_this<fake_pull> {
public:
    explicit fake_pull(transaction_core& memory) : memory_{memory} {}

    // None: it is not to be handed out.
    std::optional<delivery> hand_out(offset at) {
        offered_record asked;
        asked.stream = sender;
        asked.at = at;
        memory_.offer({&asked, 1});
        last_verdict = asked.what;
        if (asked.what != offered_record::verdict::pass) return std::nullopt;
        batch_builder builder{sender};
        builder.add_body(at, as_bytes("input"), SIZE_MAX);
        held_batch* const held = hold(builder.seal({}), shared_from_this());
        ++held->unsettled;
        record_view record;
        auto position = held->batch.view.begin_position();
        held->batch.view.next(position, record);
        add_references(*held, 1);
        in_hand_[at] = true;
        acked_[at] = ~std::uint64_t{0};
        delivery out;
        delivery_access::fill(out, make_message(*held, record), held, at, 1);
        return out;
    }
    // Its handler's time has run out.
    void time_is_up(offset at) {
        in_hand_[at] = false;
        memory_.let_go(sender, {at, at});
    }
    // The ack has left.
    bool is_told(offset at) const {
        const auto found = acked_.find(at);
        return found != acked_.end() && memory_.kept() >= found->second;
    }
    void settle(const settlement& what) noexcept override {
        const bool counts = in_hand_[what.at];
        if (counts && what.counted != nullptr) *what.counted = true;
        if (what.what == verdict::extend) return;
        in_hand_[what.at] = false;
        if (counts && what.what == verdict::ack) {
            const handled_range range{sender, {what.at, what.at}};
            acked_[what.at] = memory_.settling({&range, 1});
        } else if (counts) {
            memory_.let_go(sender, {what.at, what.at});
        }
        if (--what.batch->unsettled == 0) release(what.batch);
    }

    offered_record::verdict last_verdict{};

private:
    transaction_core& memory_;
    std::map<offset, bool> in_hand_;
    std::map<offset, std::uint64_t> acked_;
};

// One opening of the state and of an output.
struct bank {
    static journal_store_options small() {
        journal_store_options options;
        options.limits = {.bytes_max = 8u << 20, .segment_bytes = 4096};
        return options;
    }
    // Not ok: which part of opening failed is in `opened`.
    explicit bank(sim_disk& disk, const transaction_options& options = {}) {
        disk.locked = false;
        opened = open(disk, options);
    }
    ~bank() {
        if (core != nullptr) (void)core->close(timeout::never);
    }
    status open(sim_disk& disk, const transaction_options& options);

    bool is_done(offset at);          // consumed, as an opening knows it
    std::vector<std::string> sent();  // what the output has

    std::shared_ptr<journal_store> store;
    std::shared_ptr<transaction_core> core;
    std::shared_ptr<output_log> out;
    std::shared_ptr<fake_pull> in;
    status opened;
};

inline void must(const status& done) {
    if (!done) FAIL(done.error().what());
}
std::unique_ptr<bank> must_open(sim_disk& disk, const transaction_options& options = {});

// Consumes that record, counts in "sum" and "n", and sends; unless it fails before: then what that said. `filler`: bytes that it
// changes besides.
status transfer(bank& with, offset at, std::size_t filler = 0);

}  // namespace transaction_tests
