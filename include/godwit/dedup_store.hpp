// dedup_store: a memory of ids that users choose: an order's number, a payment's key. It finds what `dedup` cannot, one thing
// that was sent as two messages, and remembers within a stated window alone: what may be outside of it is `too_old`.
// It is asked in the handler, never inside a socket: godwit/once.hpp does it. Implementations: id_store (memory, a
// directory), sqlite_store (inside the user's own transaction), redis_store (for consumers that share one memory).
// A stranger's implementation passes tests/conformance/dedup_store_suite.hpp. Threads: as each implementation says.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "godwit/export.hpp"
#include "godwit/message.hpp"  // bytes
#include "godwit/result.hpp"

namespace godwit {

using id_time = std::chrono::sys_time<std::chrono::milliseconds>;

inline constexpr std::size_t id_bytes_max = 1024;

struct GODWIT_EXPORT chosen_id {
    std::string id;  // 1 to 1,024 bytes, whatever they are
    // One id has one content, else `conflict`. Its XXH3-64 is kept, which is no defence against who means harm. Empty: it is
    // not compared.
    bytes content = {};
    // When the id was made, by the clock of who made it, alike in each copy of the message: so that an id that may have been
    // forgotten is `too_old`. Nothing: it is taken for fresh, once it is outside of the window.
    std::optional<id_time> made = {};

    // For implementations.
    status check() const;                           // its size; `invalid_argument`
    std::uint64_t content_digest() const noexcept;  // 0: of none
    bool differs_from(std::uint64_t digest) const noexcept {
        const std::uint64_t mine = content_digest();
        return mine != 0 && digest != 0 && mine != digest;
    }
};

// What a store remembers: what is over first. Beyond, the ids that were marked first are forgotten, and known_since() rises.
struct GODWIT_EXPORT id_window {
    std::uint64_t ids_max = 1'000'000;                          // 1 to 100,000,000
    std::uint64_t bytes_max = 256u << 20;                       // 4 KiB to 64 GiB: ids, replies, and 200 for each
    std::chrono::milliseconds age_max{std::chrono::hours{24}};  // since mark(), 1 ms to 10 years, by the wall clock
    // Replies, within it, and at most half of it. Beyond, the oldest go, and their ids stay.
    std::uint64_t replies_bytes_max = 64u << 20;
    // Where a store that begins says that it knows from. Nothing: from its beginning, so that a memory that was lost takes
    // nothing for fresh that it may have known. id_time{}: from ever; for the first start of a system.
    std::optional<id_time> known_from = {};

    status check() const;  // `invalid_argument`, with the field's name
};

enum class claimed : std::uint8_t {
    fresh,     // in hand now, of who asked, until mark() or release()
    in_hand,   // somebody is at it: ask again
    done,      // handled before
    too_old,   // not known, and made before known_since(): handled and forgotten, or never seen. Nobody knows
    conflict,  // known, with another content
};
GODWIT_EXPORT std::string_view name(claimed what) noexcept;

struct claim_answer {
    claimed what = claimed::fresh;
    // done: what mark() was given; nothing: none, or it has gone, since replies have a limit of their own.
    std::optional<std::string> reply = {};
};

class GODWIT_EXPORT dedup_store {
public:
    virtual ~dedup_store();

    // Each of these may block. Errors of all: `invalid_argument` (an id that is empty or too long), `closed`, `io`, and what
    // the implementation names.

    // Also `full`: there is no room, and all that is remembered is in hand.
    virtual result<claim_answer> claim(const chosen_id& what) = 0;
    // It was handled; `reply` is given to who claims it again. Ok: kept, as the implementation promises. Fails with
    // `not_found` (it is not in hand here), `fenced` (it was, and somebody else has it now), `full`. After `full` it is in hand
    // as before; after any other error nobody knows whether it is marked.
    virtual status mark(std::string_view id, std::optional<std::string_view> reply = {}) = 0;
    // It was not: it is fresh again. `not_found` and `fenced` as above.
    virtual status release(std::string_view id) = 0;

    // Of ids made from then on none was forgotten. It never falls. A memory that was lost begins at its beginning.
    virtual result<id_time> known_since() = 0;
};

}  // namespace godwit
