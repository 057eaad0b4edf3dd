#include "godwit/c/journal_reader.h"

#include "c/guarded.hpp"
#include "c/messages.hpp"

namespace godwit::c {

namespace {

constexpr godwit_reading no_reading = GODWIT_READING_INIT;

journal_reading read_reading(const godwit_reading* given) {
    const godwit_reading from = read_struct(given, no_reading);
    journal_reading made;
    if ((from.stream_high | from.stream_low) != 0) made.stream = stream_id{from.stream_high, from.stream_low};
    made.released = from.released != 0;
    made.past_damage = from.past_damage != 0;
    switch (from.from) {
        case GODWIT_READ_FIRST:
            break;
        case GODWIT_READ_LAST:
            made.from = journal_start::last;
            break;
        case GODWIT_READ_NEXT:
            made.from = journal_start::next;
            break;
        case GODWIT_READ_OFFSET:
            made.from = offset{from.offset};
            break;
        case GODWIT_READ_TIME:
            made.from = at_time(from.since_ns);
            break;
        default:
            throw error{errc::invalid_argument, "from " + std::to_string(from.from), "one of GODWIT_READ_…"};
    }
    return made;
}

}  // namespace

}  // namespace godwit::c

using namespace godwit::c;

void godwit_reading_init(godwit_reading* out) {
    if (out != nullptr) *out = no_reading;
}

godwit_status godwit_reader_open(godwit_bytes directory, godwit_reader* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        godwit_reader& into = needed(out, "out");
        auto opened = godwit::journal_reader::open(text_of(directory));
        if (!opened) return opened.error();
        into.id = tables().readers.add(std::make_shared<one_reader>(*std::move(opened)));
        return {};
    });
}

godwit_status godwit_reader_close(godwit_reader reader, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        tables().readers.release(reader.id);
        return {};
    });
}

godwit_status godwit_reader_refresh(godwit_reader reader, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().readers.at(reader.id);
        const std::lock_guard hold{(*found)->turn};
        return (*found)->what.refresh();
    });
}

godwit_status godwit_reader_streams(godwit_reader reader, godwit_stream_info* out, size_t max, size_t* count,
                                    godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().readers.at(reader.id);
        std::size_t& all = needed(count, "count");
        const struct_array<godwit_stream_info> into{out, max};
        const std::lock_guard hold{(*found)->turn};
        const auto streams = (*found)->what.streams();
        for (std::size_t i = 0; i < std::min(max, streams.size()); ++i) {
            const auto& one = streams[i];
            godwit_stream_info info{sizeof info, one.id.high, one.id.low,   one.first,
                                    one.end,     one.records, one.released, {}};
            copy_text(one.name, info.name);
            into.put(i, info);
        }
        all = streams.size();
        return {};
    });
}

godwit_status godwit_cursor_open(godwit_reader reader, const godwit_reading* what, godwit_cursor* out,
                                 godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().readers.at(reader.id);
        godwit_cursor& into = needed(out, "out");
        const auto reading = read_reading(what);
        const std::lock_guard hold{(*found)->turn};
        auto opened = (*found)->what.read(reading);
        if (!opened) return opened.error();
        into.id = tables().cursors.add(*std::move(opened), *found);
        return {};
    });
}

godwit_status godwit_cursor_close(godwit_cursor cursor, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        tables().cursors.release(cursor.id);
        return {};
    });
}

godwit_status godwit_cursor_next(godwit_cursor cursor, godwit_record* out, size_t max, size_t* count,
                                 godwit_error* error) {
    if (count != nullptr) *count = 0;
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().cursors.at(cursor.id);
        std::size_t& taken = needed(count, "count");
        const struct_array<godwit_record> into{out, max};
        if (max == 0) return {};
        const std::lock_guard hold{found->of->turn};
        message_room room{std::min<std::size_t>(max, 1024)};
        auto records = found->what.next_many(room.size());
        if (!records) return records.error();
        for (auto& one : *records) {
            godwit_record record{};
            record.stream_high = one.stream.high;
            record.stream_low = one.stream.low;
            record.at = one.at;
            record.appended_ms = one.appended.time_since_epoch().count();
            record.released = one.released;
            record.content = room.hand_out(std::move(one.content));
            into.put(taken++, record);
        }
        return {};
    });
}
