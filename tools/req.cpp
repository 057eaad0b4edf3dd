// godwit req: each line of standard input is a request; its reply is printed, in the order of the lines.
#include "godwit/req.hpp"

#include <unistd.h>

#include <string_view>
#include <vector>

#include "endpoints.hpp"
#include "line_reader.hpp"
#include "made_socket.hpp"
#include "reply_printer.hpp"
#include "settings.hpp"
#include "verbs.hpp"

namespace tool {

void req(const options& options, interruption& interrupted) {
    godwit::context context;
    auto client = made_socket<godwit::req>(context, options);
    open(client, options);
    if (options.peers > 0) client.wait_for_peers(options.peers, options.limit(), interrupted.token()).value();

    line_reader input{STDIN_FILENO, interrupted.readable_when_raised()};
    reply_printer replies{options, interrupted};
    const godwit::send_options how = terms_of(options, interrupted);
    std::vector<std::string_view> lines;
    while (input.next(lines)) {
        for (const std::string_view line : lines) {
            godwit::result<godwit::pending> request = client.send(godwit::as_bytes(line), how);
            // A reply that failed raised the interruption, and says it better.
            if (request.failed(godwit::errc::cancelled)) break;
            replies.add(std::move(request).value());
        }
    }
    replies.finish();
    finish(client, options);
}

}  // namespace tool
