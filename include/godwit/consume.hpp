// consume: what the consume() of pull and sub takes: a handler that is run for each message, by a pool of threads.
// The message is acked when the handler returns, unless it has settled it; nacked when it throws. On a plain socket
// settling does nothing: what a handler throws is dropped, and the message with it.
#pragma once
#include <functional>
#include <stop_token>

#include "godwit/delivery.hpp"
#include "godwit/result.hpp"

namespace godwit {

// Several at a time with a concurrency above 1.
using consume_handler = std::function<void(delivery&)>;

struct consume_options {
    unsigned concurrency = 1;  // threads, the caller's among them: 1 to 1,024
    std::stop_token stop = {};
    std::function<void(const error&)> on_gap = {};  // records that are gone: see recv(). Without it they end consume()
};

}  // namespace godwit
