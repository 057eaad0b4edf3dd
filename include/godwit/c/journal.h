// Journals: a log in a directory of files, which outlives the process, of any number of streams. A push or pub that is
// given a stream goes on after a crash where it was; alone it is an embedded log. What it promises: docs/guarantees.md.
#ifndef GODWIT_C_JOURNAL_H
#define GODWIT_C_JOURNAL_H

#include "godwit/c/base.h"
#include "godwit/c/message.h"

GODWIT_C_BEGIN

typedef struct godwit_journal {
    uint64_t id;
} godwit_journal;
typedef struct godwit_stream {
    uint64_t id;
} godwit_stream;

typedef struct godwit_journal_options {
    size_t struct_size;
    uint64_t bytes_max;      // of all files, 64 KiB to 1 PiB; then senders wait, and an append fails with GODWIT_FULL
    uint64_t segment_bytes;  // of one file, 4 KiB to 64 GiB
    int32_t confirm;  // what a sender waits for before a record leaves: GODWIT_STAGE_STORED or GODWIT_STAGE_DURABLE
    int32_t durable_anywhere;  // 0: durable is refused on tmpfs and network file systems, with GODWIT_UNSUPPORTED
} godwit_journal_options;
#define GODWIT_JOURNAL_OPTIONS_INIT \
    { sizeof(godwit_journal_options), UINT64_C(1) << 30, UINT64_C(64) << 20, 2, 0 }
GODWIT_API void godwit_journal_options_init(godwit_journal_options* out);

// Opens to write, makes the directory but not its parents, and recovers what a crash left. Blocks. Fails with GODWIT_LOCKED,
// GODWIT_CORRUPT, GODWIT_CONFLICT (a copy), GODWIT_UNSUPPORTED (a newer format), GODWIT_NOT_FOUND (the parent), GODWIT_FULL,
// GODWIT_IO, GODWIT_INVALID_ARGUMENT.
GODWIT_API godwit_status godwit_journal_open(godwit_bytes directory, const godwit_journal_options* options,
                                             godwit_journal* out, godwit_error* error);
// Syncs, and marks the end as clean. Sockets that use it are closed first. Blocks.
GODWIT_API godwit_status godwit_journal_close(godwit_journal journal, godwit_error* error);

// What opening found. Set struct_size before.
typedef struct godwit_journal_recovery {
    size_t struct_size;
    int32_t is_new;      // there was no journal
    int32_t clean;       // its last writer closed it
    uint64_t epoch;      // how often it was opened to write
    uint64_t segments;   // files
    uint64_t cut_bytes;  // behind the last whole entry, written and never confirmed
} godwit_journal_recovery;
GODWIT_API godwit_status godwit_journal_recovered(godwit_journal journal, godwit_journal_recovery* out,
                                                  godwit_error* error);
// Not ok: a write or a sync failed, and nothing more is taken until it is opened again.
GODWIT_API godwit_status godwit_journal_health(godwit_journal journal, godwit_error* error);
GODWIT_API godwit_status godwit_journal_bytes_used(godwit_journal journal, uint64_t* out, godwit_error* error);

// What a stream gives up by itself, the oldest first.
typedef struct godwit_retention {
    size_t struct_size;
    int64_t age_max_ms;   // 0: nothing is too old
    int32_t drop_oldest;  // where there is no room
    int32_t reserved;     // 0
} godwit_retention;
#define GODWIT_RETENTION_INIT \
    { sizeof(godwit_retention), 0, 0, 0 }
GODWIT_API void godwit_retention_init(godwit_retention* out);

// The stream of that name, 1 to 255 bytes, made if there is none; `keeps` may be NULL. It keeps the journal's files open, not
// the journal.
GODWIT_API godwit_status godwit_stream_open(godwit_journal journal, godwit_bytes name, const godwit_retention* keeps,
                                            godwit_stream* out, godwit_error* error);
GODWIT_API godwit_status godwit_stream_release(godwit_stream stream, godwit_error* error);
GODWIT_API godwit_status godwit_stream_id(godwit_stream stream, uint64_t* high, uint64_t* low, godwit_error* error);

// All of the messages or none, in one entry of up to 1 GiB; returns when they are at the stage. `first`, which may be
// NULL, gets the first one's offset. Fails with GODWIT_FULL, GODWIT_LOCKED (a socket sends from the stream),
// GODWIT_TOO_LARGE, GODWIT_UNSUPPORTED, GODWIT_CLOSED; after GODWIT_TIMED_OUT and GODWIT_IO they may be there or not.
GODWIT_API godwit_status godwit_append(godwit_stream stream, const godwit_message* messages, size_t count,
                                       int32_t stage, int64_t timeout_ns, uint64_t* first, godwit_error* error);
// The first record at `from` or above that is not released: its offset, and a message to be released.
// GODWIT_NOT_FOUND: there is none yet.
GODWIT_API godwit_status godwit_stream_read(godwit_stream stream, uint64_t from, uint64_t* at, godwit_message* out,
                                            godwit_error* error);
// `first`: of the lowest record that is there, `end` if none is; `end`: all below can be read. Either may be NULL.
GODWIT_API godwit_status godwit_stream_range(godwit_stream stream, uint64_t* first, uint64_t* end, godwit_error* error);
// From `first` to `last`, both with it, are not asked for any more.
GODWIT_API godwit_status godwit_stream_trim(godwit_stream stream, uint64_t first, uint64_t last, godwit_error* error);

// Copies: taken while it is in use, made one that goes on, saved from a damaged one. What each does, and how it fails:
// godwit/journal_copies.hpp.
GODWIT_API godwit_status godwit_journal_snapshot(godwit_bytes from, godwit_bytes to, godwit_error* error);
GODWIT_API godwit_status godwit_journal_adopt(godwit_bytes directory, godwit_error* error);
GODWIT_API godwit_status godwit_journal_repair(godwit_bytes from, godwit_bytes to, uint64_t* records, uint64_t* lost,
                                               godwit_error* error);

GODWIT_C_END

#endif
