#include "send_lines.hpp"

#include <unistd.h>

#include <string>
#include <vector>

#include "failure.hpp"
#include "line_reader.hpp"

namespace tool {

namespace {

godwit::message make_message(std::string_view line, std::string_view topic, std::size_t key_bytes) {
    if (topic.empty() && key_bytes == 0) return godwit::message{line};
    return godwit::message::make({.topic = topic, .key = line.substr(0, key_bytes), .body = godwit::as_bytes(line)})
        .value();
}

[[noreturn]] void report(const godwit::error& error, std::size_t lines_left) {
    const std::string lost = std::to_string(lines_left) + (lines_left == 1 ? " line was" : " lines were");
    if (error.code() == godwit::errc::timed_out || error.code() == godwit::errc::full) {
        throw failure{exit_timed_out, lost + " read but not sent: no peer took them in time; raise --timeout"};
    }
    if (error.code() == godwit::errc::cancelled) {
        throw failure{exit_failed, lost + " read but not sent when the signal came"};
    }
    throw failure{exit_failed, lost + " not sent: " + error.what()};
}

}  // namespace

void send_lines(const options& options, std::string_view topic, const interruption& interrupted,
                const send_function& send) {
    line_reader input{STDIN_FILENO, interrupted.readable_when_raised()};
    std::vector<std::string_view> lines;
    std::vector<godwit::message> messages;
    while (input.next(lines)) {
        messages.clear();
        for (const std::string_view line : lines) messages.push_back(make_message(line, topic, options.key_prefix));
        std::span<const godwit::message> rest{messages};
        while (!rest.empty()) {
            const godwit::result<std::size_t> sent = send(rest);
            if (!sent) report(sent.error(), rest.size());
            rest = rest.subspan(*sent);
        }
    }
}

void send_lines_one_by_one(const options& options, std::string_view topic, const interruption& interrupted,
                           const send_one_function& send) {
    send_lines(options, topic, interrupted, [&](std::span<const godwit::message> messages) {
        const godwit::result<godwit::receipt> sent = send(messages.front());
        return sent ? godwit::result<std::size_t>{1u} : sent.error();
    });
}

}  // namespace tool
