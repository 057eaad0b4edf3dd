// admissions: the doors of a context's sockets by their ZAP domain, and the judges' answers on their way to the runner.
// Threads: thread-safe, a leaf lock.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/doorbell.hpp"
#include "core/gate.hpp"

namespace godwit::detail {

class GODWIT_EXPORT admissions {
public:
    struct entry {
        std::shared_ptr<gate> who;
        door at;
    };
    std::string enter(const std::shared_ptr<gate>& who, door at);  // a new domain
    void bound_as(const std::string& domain, const std::string& endpoint);
    void forget(const std::string& domain);
    void leave(std::string_view endpoint, const gate* who);  // "": all of it
    entry find(std::string_view domain) const;               // who: null if there is none such

    struct answer {
        std::uint64_t token;
        std::uint32_t judged;     // 0: refused
        std::string_view reason;  // then; a literal
    };
    void hang(std::shared_ptr<doorbell> bell);  // rung for each answer; before the first of them
    void push(const answer& late);
    std::vector<answer> take();

private:
    struct weak_entry {
        std::weak_ptr<gate> who;
        door at;
    };
    mutable std::mutex lock_;
    // Guarded by lock_:
    std::map<std::string, weak_entry, std::less<>> doors_;
    std::uint64_t last_ = 0;
    std::shared_ptr<doorbell> bell_;
    std::vector<answer> answers_;
};

}  // namespace godwit::detail
