// ipc_claims: the ipc paths that one socket listens at, watched for theft. Threads: thread-safe, a leaf lock.
#pragma once
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/ipc_claim.hpp"
#include "core/peer_table.hpp"

namespace godwit::detail {

class ipc_claims {
public:
    void make_room() {  // for one more, so that add cannot fail
        const std::lock_guard hold{lock_};
        held_.reserve(held_.size() + 1);
    }
    void add(std::string&& url, ipc_claim&& claim) {
        const std::lock_guard hold{lock_};
        held_.push_back({std::move(url), std::move(claim), false});
    }
    // Releases the claim on `url`; "" is all.
    void release(std::string_view url) {
        const std::lock_guard hold{lock_};
        std::erase_if(held_, [&](held& one) {
            if (!url.empty() && one.url != url) return false;
            one.claim.release();
            return true;
        });
    }
    bool any() const {
        const std::lock_guard hold{lock_};
        return !held_.empty();
    }
    void report_thefts(peer_table& peers) {
        const std::lock_guard hold{lock_};
        for (held& one : held_) {
            if (one.told || !one.claim.stolen()) continue;
            one.told = true;
            peers.report(event_kind::endpoint_stolen, one.url,
                         "the path no longer leads to this socket; new peers do not reach it: unbind and bind again");
        }
    }

private:
    struct held {
        std::string url;
        ipc_claim claim;
        bool told;
    };
    mutable std::mutex lock_;
    std::vector<held> held_;  // guarded by lock_
};

}  // namespace godwit::detail
