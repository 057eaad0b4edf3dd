// godwit process: each message through a command, a line in and a line out, exactly once.
#include <iostream>
#include <stdexcept>
#include <string>

#include "endpoints.hpp"
#include "failure.hpp"
#include "godwit/processor.hpp"
#include "line_command.hpp"
#include "settings.hpp"
#include "verbs.hpp"

namespace tool {

namespace {

// As it stands on the command line: binding first, then connecting.
void open_ends(godwit::processor& each, const options& options) {
    tool::options in = options, out = options;
    in.bind = options.bind_from, in.connect = options.from_urls;
    out.bind = options.bind_to, out.connect = options.to_urls;
    open(each.in(), in);
    open(each.out(), out);
}

}  // namespace

void process(const options& options, interruption& interrupted) {
    godwit::context context;
    auto store = godwit::journal::open(options.state).value();
    godwit::processor_options how;
    how.name = "process";
    how.link = ack_retry_of(options);
    how.socket = settings_of(options);
    godwit::processor each{context, store, how};
    open_ends(each, options);
    line_command command{options.exec, interrupted};
    each.run(
            [&](godwit::transaction& t, const godwit::delivery& message) {
                try {
                    if (message.text().find('\n') != std::string_view::npos)
                        throw failure{exit_failed, "a message of several lines is no line for the command"};
                    t.send(each.output(), command.answer(message.text())).value();
                } catch (const failure& failed) {
                    if (!interrupted.is_raised())
                        std::cerr << "godwit: " << failed.what() << ": the message is tried again" << std::endl;
                    throw;
                }
            },
            interrupted.token())
        .value();
    each.close().value();
    store.close().value();
}

}  // namespace tool
