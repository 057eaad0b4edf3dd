// sim: a world of one seed, in which handlers are tested against the very delivery objects that run in production: virtual
// time, a faulty network, processes that pause and die. Minutes take milliseconds, and a failure comes again by its seed.
//     godwit::sim::world world{4711};
//     auto& worker = world.pull("worker", godwit::ack_retry{});
//     worker.handle([&](godwit::delivery& job) { ... });
//     auto& feeder = world.push("feeder", godwit::ack_retry{.attempts_max = 8});
//     feeder.connect("sim://worker").value();
//     feeder.send("job").value();
//     world.random_faults(20, 10s);
//     world.run_for(1min);
// What it can do to it, and what it does not show: docs/simulation.md. Threads: one world is one thread's.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/assembly.hpp"
#include "godwit/consume.hpp"
#include "godwit/delivery.hpp"
#include "godwit/reliability.hpp"
#include "godwit/subscription.hpp"

namespace godwit::sim {

class world;

struct handling {
    unsigned concurrency = 1;  // deliveries in hand at a time
    // What one takes, in virtual time, drawn from the seed. The handler is called when it begins; its delivery is settled
    // when it is over, so that a process may die with the work done and no word of it.
    std::chrono::nanoseconds takes_min{0}, takes_max{0};
    std::function<void(const error&)> on_gap = {};  // sub: records that the publisher had to drop
};

using reply_handler = std::function<void(result<message>)>;

// A process with one reliable socket. It is the world's, and stays until the world ends. Nothing blocks: what would is
// `full`, or said later, to a handler. Each verb of another pattern is `unsupported`, of a process that is dead or paused `closed`.
class GODWIT_EXPORT node {
public:
    node(const node&) = delete;
    ~node();
    const std::string& name() const noexcept;
    // "sim://NAME" of a node that is there; whether its process lives does not matter. Kept through restarts.
    status connect(std::string_view url);

    // What its program does after that time: late while its process is paused, and never if it dies before.
    void after(std::chrono::nanoseconds delay, std::function<void()> what);

    result<offset> send(std::string_view body, const send_options& options = {});  // push, pub
    void on_settled(std::function<void(const settled_record&)> handler);           // push
    std::vector<dead_letter> dead_letters(std::size_t at_most = 100) const;        // push
    // req: `then` is called once, with the reply or with why there is none. limit: options.ttl.
    status request(std::string_view body, reply_handler then, const send_options& options = {});

    // pull, sub, rep: for each message, as socket::consume would: acked when it returns, unless it has settled it; nacked
    // when it throws. Kept through restarts.
    void handle(consume_handler handler, const handling& how = {});
    status reply(delivery& request, std::string_view body);  // rep, inside of its handler
    status subscribe(std::string_view filter);               // sub; kept through restarts

    // Its process. What it had in memory dies with it; a restart is a new incarnation of the same modules.
    void pause();
    void resume();
    void kill(bool loses_power = false);  // that: its peers are told nothing
    status start();
    bool alive() const noexcept;
    void set_wall_clock(std::chrono::milliseconds ahead);  // of what it was
    delivery_stats stats() const;                          // of this incarnation; zeros of a dead one

    struct state;

private:
    friend class world;
    explicit node(std::unique_ptr<state> made);
    std::unique_ptr<state> state_;
};

class GODWIT_EXPORT world {
public:
    explicit world(std::uint64_t seed);
    ~world();
    world(const world&) = delete;

    // Modules as a socket of that pattern takes them, ack_retry among them. Throws nothing: what does not fit fails in
    // start(), which is called here.
    template <socket_module... M>
    node& push(std::string_view name, const M&... modules) {
        return add(kind::push, name, [=] { return detail::assemble(modules...); });
    }
    template <socket_module... M>
    node& pull(std::string_view name, const M&... modules) {
        return add(kind::pull, name, [=] { return detail::assemble(modules...); });
    }
    template <socket_module... M>
    node& pub(std::string_view name, const M&... modules) {
        return add(kind::pub, name, [=] { return detail::assemble(modules...); });
    }
    template <socket_module... M>
    node& sub(std::string_view name, const M&... modules) {
        return add(kind::sub, name, [=] { return detail::assemble(modules...); });
    }
    template <socket_module... M>
    node& req(std::string_view name, const M&... modules) {
        return add(kind::req, name, [=] { return detail::assemble(modules...); });
    }
    template <socket_module... M>
    node& rep(std::string_view name, const M&... modules) {
        return add(kind::rep, name, [=] { return detail::assemble(modules...); });
    }

    std::chrono::nanoseconds now() const noexcept;                           // virtual, since the beginning
    void after(std::chrono::nanoseconds delay, std::function<void()> what);  // whatever becomes of any node
    std::uint64_t random(std::uint64_t below);
    // Until that time, or until `goes_on`, asked after each event, answers false. True: the time is reached.
    bool run_for(std::chrono::nanoseconds length, const std::function<bool()>& goes_on = {});

    // Faults. Between two nodes: of all the connections that one has made to the other.
    void cut(const node& one, const node& other);  // they dial again by themselves
    void partition(const node& one, const node& other, bool parted);
    void slow(const node& one, const node& other, std::uint64_t bytes_per_second);  // 0: no longer
    void latency(std::chrono::nanoseconds least, std::chrono::nanoseconds most);    // of connections made from now on
    // So many at random times within that time: cuts, half-open links, stalls, pauses, and restarts of who has a handler.
    void random_faults(std::uint32_t count, std::chrono::nanoseconds within);
    void heal();  // no fault goes on, who is paused or dead goes on, and what is planned does not happen

    // Over everything that has happened: two runs of one seed have the same.
    std::uint64_t trace_hash() const noexcept;
    std::vector<std::string> trace(std::size_t last_lines) const;

    struct state;

private:
    enum class kind : int { push, pull, pub, sub, req, rep };
    node& add(kind own, std::string_view name, std::function<assembly()> modules);
    std::unique_ptr<state> state_;
};

}  // namespace godwit::sim
