#include "transaction/transaction_world.hpp"

namespace transaction_tests {

status bank::open(sim_disk& disk, const transaction_options& options) {
    auto made = journal_store::open(disk.open(), small(), {system_time(), system_random()});
    if (!made) return made.error();
    store = *made;
    const auto state = store->stream_named("state"), output = store->stream_named("out");
    if (!state || !output) return errc::closed;
    if (!store->lend(*state) || !store->lend(*output)) return errc::locked;
    auto started = transaction_core::open(make_journal_log(store, *state), options);
    if (!started) return started.error();
    core = *started;
    auto added = core->add_output(make_journal_log(store, *output));
    if (!added) return added.error();
    out = *added;
    in = std::make_shared<fake_pull>(*core);
    return {};
}

std::unique_ptr<bank> must_open(sim_disk& disk, const transaction_options& options) {
    auto made = std::make_unique<bank>(disk, options);
    must(made->opened);
    return made;
}

bool bank::is_done(offset at) {
    auto asked = in->hand_out(at);
    if (!asked) return in->last_verdict == offered_record::verdict::done;
    return false;
}

std::vector<std::string> bank::sent() {
    std::vector<std::string> all;
    for (offset from = 0;;) {
        const auto read = store->read_now(out->stream(), from);
        if (!read || read->answer != log_answer::done) return all;
        record_view each;
        for (auto at = read->batch.view.begin_position(); read->batch.view.next(at, each);) {
            if (each.at < from) continue;
            all.emplace_back(reinterpret_cast<const char*>(each.body.data()), each.body.size());
        }
        from = read->batch.view.last() + 1;
    }
}

status transfer(bank& with, offset at, std::size_t filler) {
    const auto step = with.core->begin(timeout::never);
    if (!step) return step.error();
    auto input = with.in->hand_out(at);
    REQUIRE(input);
    if (auto taken = with.core->consume(*step, std::move(*input)); !taken) return taken;
    const auto before = with.core->view_of(*step).get("sum");
    const std::uint64_t sum = (before ? std::stoull(std::string{*before}) : 0) + at;
    if (auto put = with.core->put(*step, "sum", std::to_string(sum)); !put) return put;
    if (auto put = with.core->put(*step, "n" + std::to_string(at), "done"); !put) return put;
    const std::string more(filler, 'x');
    if (filler != 0) {
        if (auto put = with.core->put(*step, "filler", more); !put) return put;
    }
    if (auto sent = with.core->send(*step, with.out, message{"out " + std::to_string(at)}); !sent) return sent;
    return with.core->commit(*step, timeout::never);
}

}  // namespace transaction_tests
