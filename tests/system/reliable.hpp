// What the tests of ack_retry with real processes share: options with short times, a receiver in a process of its own, and
// the file in which it keeps what it handled.
#pragma once
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "conformance/transports.hpp"
#include "godwit/ack_retry.hpp"
#include "system/process.hpp"
#include "system/relayed.hpp"

namespace system_tests {

// Silent for `lease` a link is lost; a busy machine must not be silent for so long by itself.
inline constexpr auto short_lease = sanitized ? 3000ms : 1000ms;
inline const std::string short_lease_words = " heartbeat=100 lease=" + std::to_string(short_lease.count());

inline godwit::ack_retry at_least_once(std::chrono::milliseconds lease = short_lease) {
    return {.backoff_min = 10ms, .backoff_max = 50ms, .heartbeat = lease / 10, .lease = lease};
}

inline const godwit::socket_options dials_eagerly{.linger = 100ms, .redial_min = 10ms, .redial_max = 100ms};

// A socket named s; more options as reliable_peer takes them.
inline std::unique_ptr<process> reliable(const std::string& pattern, const std::string& options = {}) {
    auto made = std::make_unique<process>("reliable_peer");
    REQUIRE(made->ask("new s " + pattern + " backoff=50 " + options) == "ok");
    return made;
}

inline std::unique_ptr<process> reliable_at(const std::string& url, const std::string& pattern,
                                            const std::string& options = {}) {
    auto made = reliable(pattern, options);
    REQUIRE(made->ask("connect s " + url) == "ok");
    return made;
}

inline std::uint64_t count_of(process& peer, const std::string& field) {
    const auto answer = peer.ask("count s " + field);
    REQUIRE(answer.starts_with("ok "));
    return std::stoull(answer.substr(3));
}

inline bool comes_to(process& peer, const std::string& field, std::uint64_t least) {
    return eventually([&] { return count_of(peer, field) >= least; });
}

// How often each body was handled, by all that wrote to the file.
inline std::map<std::string, int> handled_in(const std::string& file) {
    std::map<std::string, int> times;
    std::ifstream in{file};
    for (std::string body, attempt; in >> body >> attempt;) ++times[body];
    return times;
}

// Receives and acks, on a thread of its own, until it is destroyed, and closes the socket then.
class acking {
public:
    explicit acking(godwit::pull& in) : in_{in}, thread_{[this] { run(); }} {}
    acking(acking&&) = delete;
    ~acking() {
        static_cast<void>(in_.close(0ms));
        thread_.join();
    }

    std::size_t came() const {  // different bodies
        const std::lock_guard hold{lock_};
        return came_.size();
    }
    std::uint64_t repeats() const {
        const std::lock_guard hold{lock_};
        return all_ - came_.size();
    }

private:
    void run() {
        while (auto got = in_.recv()) {
            {
                const std::lock_guard hold{lock_};
                came_.emplace(got->text());
                ++all_;
            }
            got->ack();
        }
    }

    godwit::pull& in_;
    mutable std::mutex lock_;
    // Guarded by lock_:
    std::set<std::string, std::less<>> came_;
    std::uint64_t all_ = 0;

    std::thread thread_;
};

inline std::string scratch_file() { return scratch().fresh(); }

// All that was sent is acked, and nothing is dead.
template <class Socket>
void require_all_acked(Socket& out, std::uint64_t count) {
    must(out.flush(godwit::stage::processed, 2 * soon));
    const auto now = out.delivery_counters();
    REQUIRE(now.acked == count);
    REQUIRE(now.unsettled == 0);
    REQUIRE(now.dead == 0);
    REQUIRE(out.dead_letters().empty());
}

}  // namespace system_tests
