// godwit push: each line of standard input to one of the pulls.
#include "godwit/push.hpp"

#include "endpoints.hpp"
#include "send_lines.hpp"
#include "settings.hpp"
#include "verbs.hpp"

namespace tool {

void push(const options& options, interruption& interrupted) {
    godwit::context context;
    godwit::push out{context, settings_of(options)};
    open(out, options);
    if (options.peers > 0) out.wait_for_peers(options.peers, options.limit(), interrupted.token()).value();
    const godwit::send_options how{.within = options.limit(), .stop = interrupted.token()};
    send_lines(options, "", interrupted, [&](auto messages) { return out.send_many(messages, how); });
    finish(out, options);
}

}  // namespace tool
