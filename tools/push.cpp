// godwit push: each line of standard input to one of the pulls.
#include "godwit/push.hpp"

#include "endpoints.hpp"
#include "made_socket.hpp"
#include "receipt_printer.hpp"
#include "send_lines.hpp"
#include "settings.hpp"
#include "verbs.hpp"

namespace tool {

void push(const options& options, interruption& interrupted) {
    godwit::context context;
    auto out = made_socket<godwit::push>(context, options);
    open(out, options);
    if (options.peers > 0) out.wait_for_peers(options.peers, options.limit(), interrupted.token()).value();
    const godwit::send_options how = terms_of(options, interrupted);
    if (options.receipts) {
        out.flush(*options.receipts, godwit::timeout::never).value();  // says at once whether it can come
        receipt_printer receipts{*options.receipts, interrupted};
        send_lines_one_by_one(options, "", interrupted, [&](const godwit::message& line) {
            auto sent = out.send(line, how);
            if (sent) receipts.add(*sent);
            return sent;
        });
        receipts.finish(end_of_linger(options));
    } else {
        send_lines(options, "", interrupted, [&](auto messages) { return out.send_many(messages, how); });
    }
    finish(out, options);
}

}  // namespace tool
