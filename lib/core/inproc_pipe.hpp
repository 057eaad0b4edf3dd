// inproc_end and inproc_pipe: a socket as the others of its context see it, and what joins two of them.
// A pipe lives from pairing until one side leaves. What a connected push or req has queued outlives it: that ring is
// the connect's, and goes from one binder to the next (`handed_on`).
// Threads: constant, or guarded by the registry's lock, or self-synchronised, as said below.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/pattern.hpp"
#include "core/doorbell.hpp"
#include "core/peer_table.hpp"
#include "core/ring.hpp"

namespace godwit::detail {

struct inproc_pipe;

enum class side : std::uint8_t { connecting, binding };
constexpr side opposite(side own) noexcept { return own == side::binding ? side::connecting : side::binding; }

template <class T>
struct per_side {
    std::array<T, 2> values{};
    T& operator[](side which) noexcept { return values[static_cast<std::size_t>(which)]; }
    const T& operator[](side which) const noexcept { return values[static_cast<std::size_t>(which)]; }
};

// Prefixes whose last subscription went (false) or first came (true).
using subscription_changes = std::unordered_map<std::string, bool>;

struct pipe_news {
    enum class kind : std::uint8_t { joined, we_left, they_left, subscriptions };
    kind what;
    side own;
    std::shared_ptr<inproc_pipe> pipe;
    subscription_changes changes = {};
};

struct inproc_end {
    // Constant from the first bind or connect on.
    pattern own{};
    pattern shown{};
    std::size_t queue_messages_max = 0;
    std::shared_ptr<peer_table> peers;
    std::shared_ptr<doorbell> bell;
    // Self-synchronised: whether the inbox holds something.
    std::atomic<bool> news{false};
    // Guarded by the registry's lock:
    std::vector<pipe_news> inbox;
    std::vector<std::shared_ptr<inproc_pipe>> pipes;
    std::unordered_map<std::string, std::size_t> subscriptions;  // sub: how many of each prefix
};

struct inproc_pipe {
    // Constant.
    std::uint64_t id;  // unique in the registry
    std::string name;
    std::uint64_t connect_id;
    per_side<std::shared_ptr<inproc_end>> ends;
    per_side<std::shared_ptr<ring>> rings;  // by the side that writes; null where its pattern never does
    bool handed_on;                         // the connecting side's ring outlives the pipe
    // Guarded by the registry's lock:
    per_side<std::uint64_t> rows;  // in the ends' peer tables
    subscription_changes changes;  // that the pub has not fetched yet
    bool changes_posted;           // and is told of
};

constexpr bool sends(pattern own) noexcept { return own != pattern::pull && own != pattern::sub; }
constexpr bool receives(pattern own) noexcept { return own != pattern::push && own != pattern::pub; }
// What each side of a link calls the other: the binding side by the pair, the connecting side by its connect, which has
// a pair after the other. No number is given twice.
inline std::uint64_t peer_id(const inproc_pipe& pipe, side own) noexcept {
    return own == side::connecting && pipe.ends[own]->own == pattern::link ? pipe.connect_id : pipe.id;
}
// Whether what is queued for a connected peer waits for its successor; a pub's subscribers are others each time.
constexpr bool queue_is_handed_on(pattern own) noexcept { return own == pattern::push || own == pattern::req; }

}  // namespace godwit::detail
