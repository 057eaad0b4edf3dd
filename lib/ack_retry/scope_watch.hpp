// scope_watch: which opening of each receiver's memory has spoken to this sender last, so that a copy of its directory, or
// one that was set back, is noticed. Pure data. Threads: a value.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "ack_retry/link_frames.hpp"

namespace godwit::detail {

class scope_watch {
public:
    static constexpr std::size_t scopes_max = 65'536;  // those that come later are not watched

    status met(const endpoint_id& scope, std::uint64_t epoch, const endpoint_id& nonce) {
        if (scope.empty()) return {};
        const auto found = known_.find(scope);
        if (found == known_.end()) {
            if (known_.size() < scopes_max) known_.emplace(scope, opening{epoch, nonce});
            return {};
        }
        opening& known = found->second;
        if (epoch < known.epoch)
            return error{errc::fenced, "scope " + to_string(scope), "a later opening of this memory was here before"};
        if (epoch == known.epoch && nonce != known.nonce)
            return error{errc::conflict, "scope " + to_string(scope), "its directory was copied, or set back"};
        known = {epoch, nonce};
        return {};
    }

private:
    struct opening {
        std::uint64_t epoch = 0;
        endpoint_id nonce;
    };
    std::map<endpoint_id, opening> known_;
};

}  // namespace godwit::detail
