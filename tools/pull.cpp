// godwit pull: prints what the pushes send.
#include "godwit/pull.hpp"

#include "endpoints.hpp"
#include "made_socket.hpp"
#include "print_received.hpp"
#include "verbs.hpp"

namespace tool {

void pull(const options& options, interruption& interrupted) {
    godwit::context context;
    auto in = made_socket<godwit::pull>(context, options);
    open(in, options);
    print_received(in, options, interrupted);
}

}  // namespace tool
