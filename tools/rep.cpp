// godwit rep: answers each request with itself, or with what a command prints.
#include "godwit/rep.hpp"

#include <iostream>
#include <limits>

#include "duration.hpp"
#include "endpoints.hpp"
#include "failure.hpp"
#include "settings.hpp"
#include "shell_command.hpp"
#include "verbs.hpp"

namespace tool {

namespace {

// A command that fails is answered for all the same, with nothing, so that the caller does not wait in vain.
std::string answer(const godwit::request& request, const options& options, const interruption& interrupted) {
    shell_outcome outcome = run_shell(options.exec, request.text(), interrupted);
    if (outcome.problem.empty()) return std::move(outcome.output);
    std::cerr << "godwit: the command " << outcome.problem << ": the reply is empty" << std::endl;
    return {};
}

void reply_to(godwit::request& request, const options& options, const interruption& interrupted) {
    const godwit::status replied =
        options.echo ? request.reply(request.message()) : request.reply(answer(request, options, interrupted));
    if (!replied) std::cerr << "godwit: a reply was not sent: " << replied.error().what() << std::endl;
}

}  // namespace

void rep(const options& options, interruption& interrupted) {
    godwit::context context;
    godwit::rep server{context, settings_of(options)};
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
