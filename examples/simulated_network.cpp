// A handler tested in a simulated world: a minute of cuts, stalls and restarts takes milliseconds. Deposits come at least
// once. The first ledger adds each one that comes, and is wrong in some world; the second knows which it has had.
// The ledgers outlive their process, as a database would.
// Prints: what each made of the same twenty worlds, and that a seed has one history.
#include <iostream>
#include <set>

#include "godwit/ack_retry.hpp"
#include "godwit/sim.hpp"

using namespace std::chrono_literals;

namespace {

constexpr int deposits = 50;

struct careless_ledger {
    int total = 0;
    void take(const godwit::delivery&) { ++total; }
};

struct careful_ledger {
    int total = 0;
    std::set<godwit::offset> had;
    void take(const godwit::delivery& one) { total += had.insert(one.at()).second ? 1 : 0; }
};

struct run {
    bool right;
    std::uint64_t history;
};

template <class Ledger>
run run_world(std::uint64_t seed) {
    Ledger ledger;
    godwit::sim::world world{seed};
    const godwit::ack_retry reliable{.backoff_min = 10ms, .backoff_max = 1s, .heartbeat = 100ms, .lease = 500ms};
    auto& bank = world.pull("bank", reliable);
    bank.handle([&](godwit::delivery& one) { ledger.take(one); }, {.takes_min = 1ms, .takes_max = 20ms});

    auto& teller = world.push("teller", reliable);
    teller.connect("sim://bank").value();
    for (int i = 0; i < deposits; ++i) {
        teller.after(i * 100ms, [&] { teller.send("one coin").value(); });
    }
    world.random_faults(10, 5s);
    world.run_for(10s);
    world.heal();
    world.run_for(30s);
    return {ledger.total == deposits, world.trace_hash()};
}

template <class Ledger>
int count_wrong() {
    int wrong = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) wrong += run_world<Ledger>(seed).right ? 0 : 1;
    return wrong;
}

}  // namespace

int main() {
    std::cout << "the careless ledger: " << (count_wrong<careless_ledger>() > 0 ? "wrong in some world" : "right")
              << '\n';
    std::cout << "the careful ledger: wrong in " << count_wrong<careful_ledger>() << " of 20 worlds\n";

    const auto once = run_world<careful_ledger>(7), again = run_world<careful_ledger>(7);
    std::cout << "seed 7 twice: " << (once.history == again.history ? "the same history" : "two histories") << '\n';
}
