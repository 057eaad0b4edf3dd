// state_recovery: a state as its stream's records say, one after the other: docs/transaction_format.md, "Opening".
// Threads: one at a time.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/guard.hpp"
#include "godwit/export.hpp"
#include "transaction/change_format.hpp"
#include "transaction/state_map.hpp"

namespace godwit::detail {

class GODWIT_EXPORT state_recovery {
public:
    explicit state_recovery(guard& marks) noexcept : marks_{marks} {}

    // In the order of their offsets. `malformed`, `unsupported`.
    status take(bytes body);

    state_map& map() noexcept { return map_; }
    std::uint64_t since_picture() const noexcept { return since_picture_; }  // bytes of what changed since
    std::uint64_t picture_bytes() const noexcept { return picture_bytes_; }  // of the last whole one

private:
    status begin_or_go_on(const change_header& said);
    status end_picture();

    guard& marks_;
    state_map map_;
    change_header last_;  // of a transaction
    bool draws_ = false;  // a picture has begun, and nothing has come between
    std::vector<std::pair<std::string, std::string>> drawn_;
    std::uint64_t drawn_bytes_ = 0, since_picture_ = 0, picture_bytes_ = 0;
};

}  // namespace godwit::detail
