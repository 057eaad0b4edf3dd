// log_sink: where the library tells in words what happens, for those who give one in context_options. The library itself
// prints nothing. Each event of a socket is a record, too. No secret key is ever in one; a public key may be.
// Threads: the sink runs on the context's callback thread, one record at a time, never inside a call of the application.
// Records wait for it in a queue of 1,024; more are dropped, and a record in their place says how many were. A sink that
// blocks holds up only the log. The end of the context waits for it, 5 s at most or the limit that close() was given,
// and drops what still waits then. After that no record comes.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "godwit/export.hpp"

namespace godwit {

enum class log_level : std::uint8_t { debug, info, warning, error };
GODWIT_EXPORT std::string_view name(log_level level) noexcept;

struct log_record {
    log_level level{};
    std::chrono::system_clock::time_point when;
    std::string socket;  // the socket's name, as in its report; empty: the log itself
    std::string text;    // one line, less than 1,000 bytes; what came from a peer is escaped in it
};

// What it throws is dropped. It may use any socket, and must outlive its context with all that it refers to.
using log_sink = std::function<void(const log_record&)>;

}  // namespace godwit
