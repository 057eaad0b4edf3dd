#include "godwit/c/journal.h"

#include <filesystem>

#include "c/guarded.hpp"
#include "c/messages.hpp"
#include "godwit/journal_copies.hpp"

namespace godwit::c {

namespace {

constexpr godwit_journal_options no_journal_options = GODWIT_JOURNAL_OPTIONS_INIT;
constexpr godwit_retention no_retention = GODWIT_RETENTION_INIT;

std::filesystem::path path_of(godwit_bytes name) {
    const auto text = text_of(name);
    if (text.empty() || text.find('\0') != std::string_view::npos)
        throw error{errc::invalid_argument, text, "a path has at least one byte, and no 0"};
    return text;
}

journal_options read_journal_options(const godwit_journal_options* given) {
    const godwit_journal_options from = read_struct(given, no_journal_options);
    journal_options made;
    made.bytes_max = from.bytes_max;
    made.segment_bytes = from.segment_bytes;
    made.confirm = stage_of(from.confirm);
    made.durable_anywhere = from.durable_anywhere != 0;
    return made;
}

retention read_retention(const godwit_retention* given) {
    const godwit_retention from = read_struct(given, no_retention);
    if (from.age_max_ms < 0) throw error{errc::invalid_argument, "age_max_ms", "is negative"};
    retention made;
    made.drop_oldest = from.drop_oldest != 0;
    made.age_max = milliseconds_of(from.age_max_ms);
    return made;
}

template <class Call>
godwit_status with_stream(godwit_stream handle, godwit_error* error, Call&& call) noexcept {
    return guarded(error, [&]() -> status {
        const auto found = tables().streams.at(handle.id);
        return call(*found);
    });
}

}  // namespace

}  // namespace godwit::c

using namespace godwit::c;

void godwit_journal_options_init(godwit_journal_options* out) {
    if (out != nullptr) *out = no_journal_options;
}
void godwit_retention_init(godwit_retention* out) {
    if (out != nullptr) *out = no_retention;
}

godwit_status godwit_journal_open(godwit_bytes directory, const godwit_journal_options* options, godwit_journal* out,
                                  godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        godwit_journal& into = needed(out, "out");
        into.id =
            tables().journals.add(godwit::journal::open(path_of(directory), read_journal_options(options)).value());
        return {};
    });
}

godwit_status godwit_journal_close(godwit_journal journal, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().journals.retired(journal.id);
        return found ? (*found)->close() : godwit::status{};
    });
}

godwit_status godwit_journal_recovered(godwit_journal journal, godwit_journal_recovery* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().journals.at(journal.id);
        const auto& seen = found->recovered();
        write_struct(needed(out, "out"),
                     godwit_journal_recovery{sizeof(godwit_journal_recovery), seen.is_new, seen.clean, seen.epoch,
                                             seen.segments, seen.cut_bytes});
        return {};
    });
}

godwit_status godwit_journal_health(godwit_journal journal, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status { return tables().journals.at(journal.id)->health(); });
}

godwit_status godwit_journal_bytes_used(godwit_journal journal, uint64_t* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        needed(out, "out") = tables().journals.at(journal.id)->bytes_used();
        return {};
    });
}

godwit_status godwit_stream_open(godwit_journal journal, godwit_bytes name, const godwit_retention* keeps,
                                 godwit_stream* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().journals.at(journal.id);
        godwit_stream& into = needed(out, "out");
        into.id = tables().streams.add(found->stream(text_of(name), read_retention(keeps)).value());
        return {};
    });
}

godwit_status godwit_stream_release(godwit_stream stream, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        tables().streams.release(stream.id);
        return {};
    });
}

godwit_status godwit_stream_id(godwit_stream stream, uint64_t* high, uint64_t* low, godwit_error* error) {
    return with_stream(stream, error, [&](godwit::journal_stream& found) -> godwit::status {
        const auto id = found.id();
        needed(low, "low") = id.low;
        needed(high, "high") = id.high;
        return {};
    });
}

godwit_status godwit_append(godwit_stream stream, const godwit_message* messages, size_t count, int32_t stage,
                            int64_t timeout_ns, uint64_t* first, godwit_error* error) {
    return with_stream(stream, error, [&](godwit::journal_stream& found) -> godwit::status {
        if (count == 0) return godwit::error{godwit::errc::invalid_argument, "count 0", "append one message at least"};
        (void)needed(messages, "messages");
        std::vector<godwit::message> copies(count);
        for (std::size_t i = 0; i < count; ++i) copies[i] = *tables().messages.at(messages[i].id);
        const auto at = found.append(copies, stage_of(stage), timeout_of(timeout_ns));
        if (!at) return at.error();
        if (first != nullptr) *first = *at;
        return {};
    });
}

godwit_status godwit_stream_read(godwit_stream stream, uint64_t from, uint64_t* at, godwit_message* out,
                                 godwit_error* error) {
    return with_stream(stream, error, [&](godwit::journal_stream& found) -> godwit::status {
        godwit_message& into = needed(out, "out");
        auto record = found.read(from);
        if (!record) return record.error();
        if (!*record)
            return godwit::error{godwit::errc::not_found, "offset " + std::to_string(from), "no record is there yet"};
        into = hand_out(godwit::message{(*record)->content});
        if (at != nullptr) *at = (*record)->at;
        return {};
    });
}

godwit_status godwit_stream_range(godwit_stream stream, uint64_t* first, uint64_t* end, godwit_error* error) {
    return with_stream(stream, error, [&](godwit::journal_stream& found) -> godwit::status {
        if (first != nullptr) *first = found.first();
        if (end != nullptr) *end = found.end();
        return {};
    });
}

godwit_status godwit_stream_trim(godwit_stream stream, uint64_t first, uint64_t last, godwit_error* error) {
    return with_stream(stream, error, [&](godwit::journal_stream& found) -> godwit::status {
        if (first > last)
            return godwit::error{godwit::errc::invalid_argument, std::to_string(first) + ".." + std::to_string(last),
                                 "the first is not above the last"};
        return found.release({first, last});
    });
}

godwit_status godwit_journal_snapshot(godwit_bytes from, godwit_bytes to, godwit_error* error) {
    return guarded(error, [&] { return godwit::snapshot_journal(path_of(from), path_of(to)); });
}

godwit_status godwit_journal_adopt(godwit_bytes directory, godwit_error* error) {
    return guarded(error, [&] { return godwit::adopt_journal(path_of(directory)); });
}

godwit_status godwit_journal_repair(godwit_bytes from, godwit_bytes to, uint64_t* records, uint64_t* lost,
                                    godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto saved = godwit::repair_journal(path_of(from), path_of(to));
        if (!saved) return saved.error();
        if (records != nullptr) *records = saved->records;
        if (lost != nullptr) *lost = saved->lost;
        return {};
    });
}
