// godwit pull: prints what the pushes send.
#include "godwit/pull.hpp"

#include "endpoints.hpp"
#include "print_received.hpp"
#include "settings.hpp"
#include "verbs.hpp"

namespace tool {

void pull(const options& options, interruption& interrupted) {
    godwit::context context;
    godwit::pull in{context, settings_of(options)};
    open(in, options);
    print_received(in, options, interrupted);
}

}  // namespace tool
