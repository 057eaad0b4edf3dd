// Options that several verbs have, each with its one name and form.
#pragma once
#include <CLI/CLI.hpp>

#include "options.hpp"

namespace tool {

void add_endpoints(CLI::App& verb, options& into);  // what every socket has: where, and how safe
void add_keys(CLI::App& verb, options& into);
void add_timeout(CLI::App& verb, options& into, const char* meaning);
void add_linger(CLI::App& verb, options& into);
void add_count(CLI::App& verb, options& into, const char* meaning);
void add_peers(CLI::App& verb, options& into, const char* meaning);
void add_key_prefix(CLI::App& verb, options& into);
void add_journal(CLI::App& verb, options& into, const char* meaning);
void add_ack(CLI::App& verb, options& into);            // --ack and what the module's ends agree on
void add_ack_terms(CLI::App& verb, options& into);      // what they agree on, where it is always there
void add_message_terms(CLI::App& verb, options& into);  // --priority, --delay, --ttl
void add_ttl(CLI::App& verb, options& into, const char* meaning);
void add_receipts(CLI::App& verb, options& into, const char* meaning);
void add_from(CLI::App& verb, options& into);
void add_json(CLI::App& verb, options& into, const char* meaning);
void add_message_json(CLI::App& verb, options& into);

}  // namespace tool
