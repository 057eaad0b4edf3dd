// req_rep_run: one seed of the req/rep campaign. Each request ends once, with its reply or with what is true of it: never
// executed, refused, or unknown; and is executed again only if it may be, or surely was not. Threads: one.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "godwit/ack_retry.hpp"
#include "sim/faults.hpp"

namespace godwit::detail {

struct req_rep_options {
    std::uint64_t seed = 0;
    std::uint32_t requesters = 1, servers = 2;
    std::uint32_t requests = 300;
    std::uint32_t burst_max = 10, concurrency = 4, body_max = 100;
    std::uint32_t idempotent = 0, limited = 0, misbehaving = 0, given_up = 0;  // in a hundred
    fault_plan faults;
    ack_retry requester, server;
    std::size_t tail = 200;

    static req_rep_options expand(std::uint64_t seed);
    std::string text() const;
};

struct req_rep_result {
    std::string breach, options;
    std::vector<std::string> tail;
    std::uint64_t hash = 0, requests = 0, executions = 0, replies = 0, unknown = 0, expired = 0, refused = 0;
};

// all_idempotent: the requesters say so of each request, true or not: for the test of the test.
req_rep_result run_req_rep(const req_rep_options& options, bool all_idempotent = false);

}  // namespace godwit::detail
