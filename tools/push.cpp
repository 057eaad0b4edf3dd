// godwit push: each line of standard input to one of the pulls.
#include "godwit/push.hpp"

#include <chrono>
#include <thread>

#include "endpoints.hpp"
#include "failure.hpp"
#include "made_socket.hpp"
#include "opened_journal.hpp"
#include "receipt_printer.hpp"
#include "send_lines.hpp"
#include "settings.hpp"
#include "verbs.hpp"

namespace tool {

namespace {

constexpr std::string_view stream_name = "lines";

void push_from(godwit::push& out, const options& options, interruption& interrupted) {
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
    if (!options.journal.empty()) wait_until_settled(out, options, interrupted);
    finish(out, options);
    const auto left = out.delivery_counters().unsettled;
    if (left > 0) {
        throw failure{exit_timed_out, std::to_string(left) + " of the messages in " + options.journal +
                                          " are not settled: start it again to go on with them"};
    }
}

}  // namespace

void push(const options& options, interruption& interrupted) {
    godwit::context context;
    if (options.journal.empty()) {
        auto out = made_socket<godwit::push>(context, options);
        return push_from(out, options, interrupted);
    }
    auto store = opened_journal(options);
    auto out = made_socket<godwit::push>(context, options, settings_of(options), store.stream(stream_name).value());
    push_from(out, options, interrupted);
}

}  // namespace tool
