// godwit journal cat, godwit journal tail: print the records of a journal, those that are there or those that come.
#include <poll.h>

#include <algorithm>
#include <limits>

#include "duration.hpp"
#include "godwit/journal_reader.hpp"
#include "journal_verbs.hpp"
#include "message_writer.hpp"
#include "starting_place.hpp"

namespace tool {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t records_at_once = 512;
constexpr auto look_every = std::chrono::milliseconds{100};

godwit::journal_reading reading_of(const options& options, const godwit::journal_reader& reader,
                                   const char* from_default) {
    godwit::journal_reading what;
    what.from = parse_place(options.place.empty() ? from_default : options.place);
    what.released = options.all;
    what.past_damage = options.past_damage;
    const auto streams = reader.streams();
    if (!options.stream.empty()) {
        const auto stream = reader.stream(options.stream);
        if (!stream) throw failure{exit_failed, "no stream '" + options.stream + "' is in " + options.journal};
        what.stream = stream->id;
    } else if (std::holds_alternative<godwit::offset>(what.from)) {
        if (streams.size() > 1) throw failure{exit_usage, "--from OFFSET needs --stream NAME: there are several"};
        if (!streams.empty()) what.stream = streams.front().id;
    }
    if (!what.stream && std::holds_alternative<godwit::offset>(what.from)) what.from = godwit::journal_start::first;
    return what;
}

// Returns how many were printed, `at_most` or fewer: that was all there is.
std::uint64_t print_some(godwit::journal_cursor& from, const godwit::journal_reader& reader, std::uint64_t at_most,
                         message_writer& output) {
    const auto records = from.next_many(std::min<std::uint64_t>(at_most, records_at_once)).value();
    for (const godwit::stored_record& one : records) {
        const auto stream = output.is_json() ? reader.stream(one.stream) : std::nullopt;
        output.add(one, stream ? stream->name : std::string{});
    }
    output.flush();
    return records.size();
}

std::uint64_t count_of(const options& options) {
    return options.count.value_or(std::numeric_limits<std::uint64_t>::max());
}

}  // namespace

void journal_cat(const options& options, interruption& interrupted) {
    const auto reader = godwit::journal_reader::open(options.journal).value();
    auto cursor = reader.read(reading_of(options, reader, "first")).value();
    message_writer output{options.json};
    for (std::uint64_t left = count_of(options); left > 0 && !interrupted.is_raised();) {
        const auto printed = print_some(cursor, reader, left, output);
        if (printed == 0) return;
        left -= printed;
    }
}

void journal_tail(const options& options, interruption& interrupted) {
    auto reader = godwit::journal_reader::open(options.journal).value();
    auto cursor = reader.read(reading_of(options, reader, "next")).value();
    message_writer output{options.json};
    auto last = clock::now();
    for (std::uint64_t left = count_of(options); left > 0 && !interrupted.is_raised();) {
        if (const auto printed = print_some(cursor, reader, left, output); printed > 0) {
            left -= printed;
            last = clock::now();
            continue;
        }
        if (options.timeout && clock::now() - last >= *options.timeout)
            throw failure{exit_timed_out, "no record came within " + format_duration(*options.timeout)};
        pollfd raised{interrupted.readable_when_raised(), POLLIN, 0};
        ::poll(&raised, 1, static_cast<int>(look_every.count()));
        reader.refresh().value();
    }
}

}  // namespace tool
