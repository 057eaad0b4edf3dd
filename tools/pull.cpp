// godwit pull: prints what the pushes send.
#include "godwit/pull.hpp"

#include "endpoints.hpp"
#include "godwit/dedup.hpp"
#include "made_socket.hpp"
#include "print_received.hpp"
#include "verbs.hpp"

namespace tool {

void pull(const options& options, interruption& interrupted) {
    godwit::context context;
    if (options.dedup.empty()) {
        auto in = made_socket<godwit::pull>(context, options);
        open(in, options);
        return print_received(in, options, interrupted);
    }
    auto seen = godwit::dedup::open(options.dedup).value();
    auto in = made_socket<godwit::pull>(context, options, settings_of(options), seen);
    open(in, options);
    print_received(in, options, interrupted, [&] { seen.flush().value(); });
    seen.close().value();
}

}  // namespace tool
