// godwit sub: prints what is published under the topics.
#include "godwit/sub.hpp"

#include "endpoints.hpp"
#include "made_socket.hpp"
#include "print_received.hpp"
#include "settings.hpp"
#include "starting_place.hpp"
#include "verbs.hpp"

namespace tool {

void sub(const options& options, interruption& interrupted) {
    godwit::context context;
    godwit::socket_options settings = settings_of(options);
    settings.queue_messages_max = published_messages_max;
    auto from = subscription_from(parse_place(options.from.value_or("next")));
    from.name = options.name;
    auto in = made_socket<godwit::sub>(context, options, settings, from);
    for (const std::string& topic : options.topics) in.subscribe(topic).value();
    if (options.topics.empty()) in.subscribe("").value();
    open(in, options);
    print_received(in, options, interrupted);
}

}  // namespace tool
