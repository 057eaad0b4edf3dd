// relay: stands between two peers on this machine, over tcp or ipc, and passes their bytes on, until it is told to do
// them harm: cut (RST) at a byte, flip one, block one way, freeze both (half-open), delay, throttle, accept and hang.
// It has a thread of its own. Threads: thread-safe; the destructor ends every link.
#pragma once
#include <poll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace system_tests {

// Of whom the bytes come: who dialled the relay, or whom the relay dials.
enum class side : unsigned { dialler, listener };

class relay {
public:
    using clock = std::chrono::steady_clock;

    // Listens at `at` and dials `to` for each link: tcp://127.0.0.1:PORT, ipc://PATH or ipc://@NAME, not the same.
    relay(const std::string& at, const std::string& to);
    relay(relay&&) = delete;
    ~relay();

    // Harm to the next link only: the byte of that number (from 0) of one side is not passed, but both ends are cut;
    // or it is passed with all its bits turned.
    void cut_next_at(side from, std::uint64_t byte);
    void flip_next_at(side from, std::uint64_t byte);

    // Harm to all links, those there are and those to come, until it is taken back.
    void block(side from, bool on = true);  // what that side says is not read any more
    void freeze(bool on = true);            // half-open: nothing is read, written or closed
    void hang(bool on = true);              // links to come are accepted, and nobody is dialled
    void delay(std::chrono::milliseconds by);
    void throttle(std::size_t bytes_per_second);  // each link and way; 0: as fast as it goes

    void cut();  // all links now, by RST

    std::size_t links() const;                          // there are now
    std::size_t accepted() const { return accepted_; }  // ever
    std::uint64_t passed(side from) const;              // bytes of all links ever

private:
    struct parcel {
        clock::time_point due;
        std::string data;
    };
    struct stream {  // one way of a link
        std::deque<parcel> waiting;
        std::size_t waiting_bytes = 0;
        std::uint64_t passed = 0;
        clock::time_point next = {};  // of a throttled one
        std::optional<std::uint64_t> cut_at, flip_at;
        bool ended = false;  // its side has nothing more to say
    };
    struct link {
        std::array<int, 2> ends;  // by side
        std::array<stream, 2> streams;
    };

    void run();
    void accept_one();
    bool step(link& of, clock::time_point now);  // false: it is over
    bool take_in(link& of, unsigned from, clock::time_point now);
    bool pass_on(link& of, unsigned from, clock::time_point now);
    static void end(link& of, bool by_reset);
    bool reads(const link& of, unsigned from) const;
    void watch(std::vector<pollfd>& watched, clock::time_point& next, clock::time_point now) const;
    template <class Change>
    void change(Change&& what);

    const std::string to_;
    int listener_ = -1;
    int bell_ = -1;
    std::string path_;  // to be removed
    std::atomic<std::size_t> accepted_{0};
    std::array<std::atomic<std::uint64_t>, 2> passed_{};
    mutable std::mutex lock_;
    // Guarded by lock_:
    std::list<link> links_;
    std::array<std::optional<std::uint64_t>, 2> cut_at_, flip_at_;
    std::array<bool, 2> blocked_{};
    bool frozen_ = false, hanging_ = false, ending_ = false;
    std::chrono::milliseconds delay_{0};
    std::size_t bytes_per_second_ = 0;

    std::thread thread_;
};

}  // namespace system_tests
