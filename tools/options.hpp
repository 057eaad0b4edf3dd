// What the command line says, for whichever verb.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "godwit/options.hpp"
#include "godwit/receipt.hpp"
#include "godwit/subscription.hpp"
#include "godwit/timeout.hpp"

namespace tool {

// A plain pub drops for a subscriber whose queue is full, and input comes as fast as a file is read. Queues this long
// (the most there is) make that rare; memory is only taken for what is in them.
constexpr std::size_t published_messages_max = 1'000'000;

struct options {
    std::vector<std::string> connect;
    std::vector<std::string> bind;
    bool insecure = false;
    std::string keys;        // a file with our secret key
    std::string server_key;  // a public key, or a file with it
    std::string allow;       // a file of public keys
    std::string file;        // keygen
    std::string url;         // doctor
    std::string as;          // doctor: a pattern
    std::chrono::nanoseconds linger = std::chrono::seconds{5};
    std::optional<std::chrono::nanoseconds> timeout;  // none: wait for ever
    std::optional<std::uint64_t> count;               // none: no end
    std::vector<std::string> topics;
    std::size_t peers = 0;
    std::size_t key_prefix = 0;
    // The ack_retry module, and what only it can do:
    bool ack = false;
    std::string journal;  // push, pub: a directory; journal: the one it works on
    std::string dedup;    // pull: a directory
    std::optional<std::chrono::nanoseconds> ack_timeout;
    std::optional<std::uint32_t> attempts;
    std::optional<godwit::stage> receipts;
    std::optional<unsigned> priority;
    std::optional<std::chrono::nanoseconds> delay;
    std::optional<std::chrono::nanoseconds> ttl;
    std::optional<std::string> from;  // sub: where it starts
    std::string name;                 // sub: whose position a publisher with a journal holds
    // journal:
    std::string stream;
    std::string place;                   // where to begin
    bool all = false;                    // also what is released; requeue: all dead letters
    std::string target;                  // repair, snapshot: where to
    std::vector<std::uint64_t> offsets;  // requeue
    bool past_damage = false;
    // process:
    std::vector<std::string> from_urls, to_urls, bind_from, bind_to;
    std::string state;  // a directory
    std::string exec;
    bool echo = false;
    bool json = false;

    godwit::timeout limit() const { return timeout ? godwit::timeout{*timeout} : godwit::timeout::never; }
};

}  // namespace tool
