// req_rep_checker: what became of each request, in the caller's words and in the servers'. Threads: one.
#pragma once
#include <string>
#include <vector>

#include "godwit/result.hpp"
#include "godwit/stream.hpp"

namespace godwit::detail {

struct checked_request {
    std::uint32_t requester = 0;
    bool idempotent = false, limited = false;
    bool asked = false, ended = false, orphan = false;  // orphan: nobody waits for it any more
    std::uint32_t executions = 0;                       // a handler had it, and did not say that it has not done it
    std::uint32_t replied = 0, rejected = 0, nacked = 0;
    bool expired = false;  // told as surely not executed
};

class req_rep_checker {
public:
    bool ok() const noexcept { return breach_.empty(); }
    const std::string& breach() const noexcept { return breach_; }
    void fail(std::string what) {
        if (breach_.empty()) breach_ = std::move(what);
    }
    std::uint64_t begin(const checked_request& what) {
        requests_.push_back(what);
        return requests_.size() - 1;
    }
    checked_request& at(std::uint64_t number) { return requests_[number]; }
    bool has(std::uint64_t number) const noexcept { return number < requests_.size(); }

    void executes(std::uint64_t number);
    void not_done(std::uint64_t number) { --requests_[number].executions, ++requests_[number].nacked; }
    void reply(std::uint64_t number, std::uint64_t of);
    void ends(std::uint64_t number, const error& why);
    void gone(std::uint32_t requester);
    std::uint64_t open() const;
    std::string first_open() const;

    std::uint64_t executions = 0, replies = 0, unknown = 0, expired = 0, refused = 0;

private:
    std::string words(std::uint64_t number) const;
    void end(std::uint64_t number);

    std::vector<checked_request> requests_;
    std::string breach_;
};

}  // namespace godwit::detail
