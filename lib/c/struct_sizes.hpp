// struct_sizes: the size that each struct of the C interface had in the first release that had it. A smaller one is a mistake, not an
// older program. A struct that grows keeps its line; these numbers are for 64-bit machines.
#pragma once
#include <cstddef>

#include "godwit/godwit.h"

namespace godwit::c {

template <class T>
inline constexpr std::size_t first_size = 0;

#define GODWIT_STRUCT(name, size)                         \
    template <>                                           \
    inline constexpr std::size_t first_size<name> = size; \
    static_assert(offsetof(name, struct_size) == 0 && sizeof(name) >= (size))

GODWIT_STRUCT(godwit_ack_retry, 128);
GODWIT_STRUCT(godwit_completion, 72);
GODWIT_STRUCT(godwit_consume_options, 24);
GODWIT_STRUCT(godwit_context_options, 48);
GODWIT_STRUCT(godwit_dead_letter, 1080);
GODWIT_STRUCT(godwit_delivery_counters, 136);
GODWIT_STRUCT(godwit_delivery_view, 96);
GODWIT_STRUCT(godwit_event, 1568);
GODWIT_STRUCT(godwit_journal_options, 32);
GODWIT_STRUCT(godwit_journal_recovery, 40);
GODWIT_STRUCT(godwit_log_record, 56);
GODWIT_STRUCT(godwit_parts, 72);
GODWIT_STRUCT(godwit_queue_options, 16);
GODWIT_STRUCT(godwit_reading, 56);
GODWIT_STRUCT(godwit_record, 56);
GODWIT_STRUCT(godwit_retention, 24);
GODWIT_STRUCT(godwit_send_options, 56);
GODWIT_STRUCT(godwit_socket_counters, 136);
GODWIT_STRUCT(godwit_socket_options, 232);
GODWIT_STRUCT(godwit_stream_info, 312);
GODWIT_STRUCT(godwit_subscription, 48);
GODWIT_STRUCT(godwit_view, 64);

#undef GODWIT_STRUCT

// These have no size of their own, and never change.
static_assert(sizeof(godwit_bytes) == 16 && sizeof(godwit_header) == 32 && sizeof(godwit_receipt) == 16);
static_assert(sizeof(godwit_settled) == 16 && sizeof(godwit_socket) == 8 && sizeof(godwit_delivery) == 8);
static_assert(offsetof(godwit_error, value) == 16 && offsetof(godwit_error, message) == 272);

}  // namespace godwit::c
