// godwit pub: each line of standard input to every subscriber of the topic.
#include "godwit/pub.hpp"

#include "endpoints.hpp"
#include "made_socket.hpp"
#include "opened_journal.hpp"
#include "receipt_printer.hpp"
#include "send_lines.hpp"
#include "settings.hpp"
#include "verbs.hpp"

namespace tool {

namespace {

constexpr std::string_view stream_name = "lines";

}  // namespace

void pub(const options& options, interruption& interrupted) {
    godwit::context context;
    godwit::socket_options settings = settings_of(options);
    settings.queue_messages_max = published_messages_max;
    std::optional<godwit::journal> store;
    if (!options.journal.empty()) store.emplace(opened_journal(options));
    auto out = store ? made_socket<godwit::pub>(context, options, settings, store->stream(stream_name).value())
                     : made_socket<godwit::pub>(context, options, settings);
    open(out, options);
    const std::string topic = options.topics.empty() ? "" : options.topics.front();
    if (options.peers > 0) {
        out.wait_for_subscribers(topic, options.peers, options.limit(), interrupted.token()).value();
    }
    if (options.receipts) {
        out.flush(*options.receipts, godwit::timeout::never).value();  // says at once whether it can come
        receipt_printer receipts{*options.receipts, interrupted};
        send_lines_one_by_one(options, topic, interrupted, [&](const godwit::message& line) {
            auto sent = out.send(line);
            if (sent) receipts.add(*sent);
            return sent;
        });
        receipts.finish(end_of_linger(options));
    } else {
        send_lines(options, topic, interrupted, [&](auto messages) { return out.send_many(messages); });
    }
    if (store) wait_until_settled(out, options, interrupted);
    finish(out, options);
}

}  // namespace tool
