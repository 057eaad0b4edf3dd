// godwit journal ls: what streams a journal has.
#include <string>

#include "godwit/journal_reader.hpp"
#include "journal_verbs.hpp"
#include "json_line.hpp"
#include "output.hpp"
#include "text.hpp"

namespace tool {

namespace {

const char* state_of(const godwit::journal_info& info) {
    if (info.is_written) return "being written";
    return info.clean ? "closed" : "left without being closed";
}

std::string as_json(const godwit::journal_info& info, const std::vector<godwit::journal_stream_info>& streams) {
    std::string text = line_of({{"epoch", info.epoch},
                                {"segments", info.segments},
                                {"bytes", info.bytes},
                                {"written", info.is_written},
                                {"clean", info.clean},
                                {"streams", streams.size()}});
    for (const auto& one : streams) {
        text += line_of({{"stream", one.name},
                         {"id", to_string(one.id)},
                         {"first", one.first},
                         {"end", one.end},
                         {"records", one.records},
                         {"released", one.released}});
    }
    return text;
}

std::string as_text(const std::string& path, const godwit::journal_info& info,
                    const std::vector<godwit::journal_stream_info>& streams) {
    std::string text = path + ": " + std::to_string(info.segments) + " segments, " + std::to_string(info.bytes) +
                       " bytes, " + state_of(info) + '\n';
    for (const auto& one : streams) {
        const std::string last = one.records > 0 ? std::to_string(one.end - 1) : "-";
        const std::string first = one.records > 0 ? std::to_string(one.first) : "-";
        text += std::to_string(one.records) + '\t' + first + '\t' + last + '\t' +
                (one.name.empty() ? to_string(one.id) : escaped(one.name)) + '\n';
    }
    return text;
}

}  // namespace

void journal_ls(const options& options, interruption&) {
    const auto reader = godwit::journal_reader::open(options.journal).value();
    const auto info = reader.info().value();
    write_out(options.json ? as_json(info, reader.streams()) : as_text(options.journal, info, reader.streams()));
}

}  // namespace tool
