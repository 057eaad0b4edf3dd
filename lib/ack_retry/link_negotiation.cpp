// Whether two that greet each other can work together.
#include <algorithm>
#include <string>

#include "ack_retry/link_state.hpp"

namespace godwit::detail {

namespace {

error mismatch(std::string_view what, std::string_view advice) { return {errc::mismatch, what, advice}; }

std::string versions(unsigned lowest, unsigned highest) {
    return "versions " + std::to_string(lowest) + " to " + std::to_string(highest);
}

// Both sides' words are the same: the smaller name first.
std::string met(pattern one, pattern other) {
    const auto [first, second] = std::minmax(name(one), name(other));
    return "a " + std::string{first} + " met a " + std::string{second};
}

}  // namespace

status agree(pattern own, const link_options& options, const link_peer& ours, const hello& theirs) {
    if (theirs.lowest_version > link_version || theirs.highest_version < link_version) {
        return mismatch(versions(theirs.lowest_version, theirs.highest_version), "the other side speaks version 1");
    }
    if (theirs.own != counterpart(own)) return mismatch(met(own, theirs.own), "give one side the counterpart");
    if ((theirs.needs & ~ours.can) != 0 || (ours.needs & ~theirs.can) != 0) {
        return mismatch("capabilities " + std::to_string((theirs.needs & ~ours.can) | (ours.needs & ~theirs.can)),
                        "one side needs a module or a version that the other has not");
    }
    if (theirs.identity.empty() || theirs.nonce.empty()) return mismatch("no identity", "a hello has one");
    if (options.codec != 0 &&
        std::find(theirs.codecs.begin(), theirs.codecs.end(), options.codec) == theirs.codecs.end()) {
        return mismatch("codec " + std::to_string(options.codec), "the receiver needs the module of that codec");
    }
    return {};
}

}  // namespace godwit::detail
