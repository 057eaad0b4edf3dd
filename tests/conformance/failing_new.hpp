// failing_new: lets the N-th allocation of this thread fail, if it is ours: libzmq's own would end the process.
#pragma once
#include <cstddef>

namespace conformance {

class failing_new {
public:
    explicit failing_new(std::size_t which) noexcept;  // from 1
    failing_new(failing_new&&) = delete;
    ~failing_new();
    static bool has_failed() noexcept;  // the one that was to fail came
};

}  // namespace conformance
