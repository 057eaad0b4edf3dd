// godwit pub: each line of standard input to every subscriber of the topic.
#include "godwit/pub.hpp"

#include "endpoints.hpp"
#include "send_lines.hpp"
#include "settings.hpp"
#include "verbs.hpp"

namespace tool {

void pub(const options& options, interruption& interrupted) {
    godwit::context context;
    godwit::socket_options settings = settings_of(options);
    settings.queue_messages_max = published_messages_max;
    godwit::pub out{context, settings};
    open(out, options);
    const std::string topic = options.topics.empty() ? "" : options.topics.front();
    if (options.peers > 0) {
        out.wait_for_subscribers(topic, options.peers, options.limit(), interrupted.token()).value();
    }
    send_lines(options, topic, interrupted, [&](auto messages) { return out.send_many(messages); });
    finish(out, options);
}

}  // namespace tool
