// godwit rep: answers each request with itself, or with what a command prints.
#include "godwit/rep.hpp"

#include <iostream>
#include <limits>
#include <optional>
#include <string>

#include "duration.hpp"
#include "endpoints.hpp"
#include "failure.hpp"
#include "made_socket.hpp"
#include "shell_command.hpp"
#include "verbs.hpp"

namespace tool {

namespace {

// Nothing if the command failed.
std::optional<std::string> answer(const godwit::request& request, const options& options,
                                  const interruption& interrupted) {
    shell_outcome outcome = run_shell(options.exec, request.text(), interrupted);
    if (outcome.problem.empty()) return std::move(outcome.output);
    const char* then = options.ack ? ": the request is tried again" : ": the reply is empty";
    std::cerr << "godwit: the command " << outcome.problem << then << std::endl;
    return std::nullopt;
}

// Where a request is not tried again, a command that fails is answered for with nothing, so that the caller does not
// wait in vain.
godwit::status reply_by_command(godwit::request& request, const options& options, const interruption& interrupted) {
    const std::optional<std::string> text = answer(request, options, interrupted);
    if (text || !options.ack) return request.reply(text.value_or(""));
    request.nack();
    return {};
}

void reply_to(godwit::request& request, const options& options, const interruption& interrupted) {
    const godwit::status replied =
        options.echo ? request.reply(request.message()) : reply_by_command(request, options, interrupted);
    if (!replied) std::cerr << "godwit: a reply was not sent: " << replied.error().what() << std::endl;
}

}  // namespace

void rep(const options& options, interruption& interrupted) {
    godwit::context context;
    auto server = made_socket<godwit::rep>(context, options);
    open(server, options);
    const std::uint64_t count = options.count.value_or(std::numeric_limits<std::uint64_t>::max());
    bool timed_out = false;
    for (std::uint64_t done = 0; done < count && !timed_out; ++done) {
        godwit::result<godwit::request> request = server.recv(options.limit(), interrupted.token());
        if (request.failed(godwit::errc::cancelled)) break;
        timed_out = request.failed(godwit::errc::timed_out);
        if (!timed_out) reply_to(request.value(), options, interrupted);
    }
    finish(server, options);
    if (timed_out) {
        throw failure{exit_timed_out, "no request came within " + format_duration(*options.timeout)};
    }
}

}  // namespace tool
