// Journal readers: read a journal beside its writer, in this process or another, or when nobody has it open. They take
// no lock and change nothing. Every call may read files; calls on a reader and its cursors take turns.
#ifndef GODWIT_C_JOURNAL_READER_H
#define GODWIT_C_JOURNAL_READER_H

#include "godwit/c/journal.h"

GODWIT_C_BEGIN

typedef struct godwit_reader {
    uint64_t id;
} godwit_reader;
typedef struct godwit_cursor {
    uint64_t id;
} godwit_cursor;

// Fails with GODWIT_NOT_FOUND, GODWIT_CORRUPT, GODWIT_UNSUPPORTED (a newer format), GODWIT_IO.
GODWIT_API godwit_status godwit_reader_open(godwit_bytes directory, godwit_reader* out, godwit_error* error);
GODWIT_API godwit_status godwit_reader_close(godwit_reader reader, godwit_error* error);
// Looks for what came since. Fails as opening does; call it again then.
GODWIT_API godwit_status godwit_reader_refresh(godwit_reader reader, godwit_error* error);

typedef struct godwit_stream_info {
    size_t struct_size;
    uint64_t stream_high, stream_low;
    uint64_t first, end;
    uint64_t records;   // below end, and not released
    uint64_t released;  // offsets below end that are, or were never given
    char name[256];     // ends with 0
} godwit_stream_info;
// As of the last refresh, by name. Each element is as large as out[0].struct_size says; `count` gets how many there are,
// which may be more than `max`.
GODWIT_API godwit_status godwit_reader_streams(godwit_reader reader, godwit_stream_info* out, size_t max, size_t* count,
                                               godwit_error* error);

enum {
    GODWIT_READ_FIRST = 0,   // from the lowest that is there
    GODWIT_READ_LAST = 1,    // the last one, and what comes behind it
    GODWIT_READ_NEXT = 2,    // what comes after the last refresh
    GODWIT_READ_OFFSET = 3,  // from `offset` on; it needs a stream
    GODWIT_READ_TIME = 4     // from since_ns on
};
typedef struct godwit_reading {
    size_t struct_size;
    uint64_t stream_high, stream_low;  // both 0: all streams, in the order in which they were written
    int32_t from;
    int32_t released;     // 1: also what is released, as far as its files are there
    int32_t past_damage;  // 1: leaves out what is damaged; else reading ends at it with GODWIT_CORRUPT
    int32_t reserved;     // 0
    uint64_t offset;
    int64_t since_ns;  // since 1970, UTC: the time of the append
} godwit_reading;
#define GODWIT_READING_INIT \
    { sizeof(godwit_reading), 0, 0, GODWIT_READ_FIRST, 0, 0, 0, 0, 0 }
GODWIT_API void godwit_reading_init(godwit_reading* out);

// It keeps the reader's files open, not the reader.
GODWIT_API godwit_status godwit_cursor_open(godwit_reader reader, const godwit_reading* what, godwit_cursor* out,
                                            godwit_error* error);
GODWIT_API godwit_status godwit_cursor_close(godwit_cursor cursor, godwit_error* error);

typedef struct godwit_record {
    size_t struct_size;
    uint64_t stream_high, stream_low;
    uint64_t at;
    int64_t appended_ms;     // since 1970, UTC; never below that of the record before it
    godwit_message content;  // released by the caller
    int32_t released;
    int32_t reserved;
} godwit_record;
// Up to `max`, and fewer when they come to a megabyte; 0: there is no more as of the last refresh of the reader. Each element is
// as large as out[0].struct_size says. Fails with GODWIT_CORRUPT (which file, entry, byte; again at each call),
// GODWIT_UNSUPPORTED, GODWIT_IO.
GODWIT_API godwit_status godwit_cursor_next(godwit_cursor cursor, godwit_record* out, size_t max, size_t* count,
                                            godwit_error* error);

GODWIT_C_END

#endif
