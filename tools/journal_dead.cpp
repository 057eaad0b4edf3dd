// godwit journal dead, godwit journal requeue: what a sender gave up.
#include "godwit/journal_reader.hpp"
#include "journal_verbs.hpp"
#include "message_writer.hpp"
#include "opened_journal.hpp"
#include "output.hpp"

namespace tool {

namespace {

constexpr std::size_t letters_at_once = 256;

std::vector<godwit::journal_stream_info> streams_of(const godwit::journal_reader& reader, const std::string& name) {
    if (name.empty()) return reader.streams();
    const auto found = reader.stream(name);
    if (!found) throw failure{exit_failed, "there is no stream '" + name + "'"};
    return {*found};
}

// Calls each(letter) for all of a stream.
template <class F>
void for_each_letter(const godwit::journal_reader& reader, godwit::stream_id stream, F&& each) {
    for (godwit::offset from = 0;;) {
        const auto letters = reader.dead_letters(stream, from, letters_at_once).value();
        for (const godwit::dead_letter& one : letters) each(one);
        if (letters.size() < letters_at_once) return;
        from = letters.back().at + 1;
    }
}

}  // namespace

void journal_dead(const options& options, interruption&) {
    const auto reader = godwit::journal_reader::open(options.journal).value();
    message_writer output{options.json};
    for (const auto& stream : streams_of(reader, options.stream)) {
        for_each_letter(reader, stream.id, [&](const godwit::dead_letter& one) {
            output.add(one, stream.name);
            output.flush();
        });
    }
}

void journal_requeue(const options& options, interruption&) {
    if (options.all == !options.offsets.empty())
        throw failure{exit_usage, "requeue needs offsets, or --all; godwit journal dead lists them"};
    const auto reader = godwit::journal_reader::open(options.journal).value();
    const auto streams = streams_of(reader, options.stream);
    if (!options.all && streams.size() > 1)
        throw failure{exit_usage, "an offset needs --stream NAME: there are several"};
    auto store = opened_journal(options);
    std::size_t count = 0;
    for (const auto& info : streams) {
        auto stream = store.stream(info.name).value();
        for (const std::uint64_t at : options.offsets) stream.requeue(at).value(), ++count;
        if (!options.all) continue;
        for_each_letter(reader, info.id,
                        [&](const godwit::dead_letter& one) { stream.requeue(one.at).value(), ++count; });
    }
    store.close().value();
    write_out(std::to_string(count) + " requeued\n");
}

}  // namespace tool
