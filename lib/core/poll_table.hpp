// poll_table: what is in a poller: sockets, by their lamps, and foreign descriptors, each a row with a number that is
// never given twice; and what epoll said of them that was not reported yet.
// Threads: guarded by the poller's lock.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "base/unique_fd.hpp"
#include "core/plain_socket.hpp"
#include "godwit/poller.hpp"

namespace godwit::detail {

class poll_table {
public:
    // A socket or a descriptor.
    using key = std::pair<const plain_socket*, int>;

    explicit poll_table(int poll) noexcept : poll_{poll} {}

    status add(std::shared_ptr<plain_socket> socket, interest what, std::uint64_t tag);
    status add(int descriptor, interest what, std::uint64_t tag);
    status change(const key& which, interest what);
    status remove(const key& which);

    // Epoll said `events` of that row, which may be gone.
    void told(std::uint64_t number, std::uint32_t events);
    bool any_told() const noexcept { return !told_.empty(); }
    // The next row that was told of, if it is ready now. Call while any_told().
    std::optional<ready> next();
    // What was told before is to be looked at again.
    void begin_round() noexcept { ++round_; }

private:
    struct row {
        key which;
        std::shared_ptr<plain_socket> socket;  // null: a descriptor
        interest what;
        std::uint64_t tag;
        std::uint64_t round = 0;   // in which `events` was told
        std::uint32_t events = 0;  // a descriptor's
        bool queued = false;
    };
    using rows = std::map<std::uint64_t, row>;

    status check_new(const key& which, interest what) const;
    row& insert(key which, interest what, std::uint64_t tag);
    rows::iterator find(const key& which);
    void erase(rows::iterator at);
    status listen_socket(const row& of, interest before, interest now);
    status listen(int operation, int descriptor, std::uint32_t events, std::uint64_t number) const;
    std::optional<ready> look(const row& at) const;

    const int poll_;
    rows rows_;
    std::map<key, std::uint64_t> numbers_;
    std::deque<std::uint64_t> told_;
    std::uint64_t next_number_ = 1;  // 0 is the poller's own
    std::uint64_t round_ = 0;
};

}  // namespace godwit::detail
