// memory_log: the log without a module: entries live in memory, bounded in bytes, and end with the process.
// A batch whose live records are few is replaced by a cut of them, so that one delayed record does not pin a batch.
#pragma once
#include <cstdint>
#include <memory>

#include "base/record_log.hpp"

namespace godwit::detail {

struct memory_log_options {
    std::uint64_t bytes_max = 64u << 20;  // of batches that are not released; one entry is taken while it is below
};

// Notes are dropped. bytes_used() counts whole batches, with some 200 bytes for the keeping of each. A stage beyond
// reaches(), which is `accepted`, is not to be asked for.
GODWIT_EXPORT std::unique_ptr<record_log> make_memory_log(const memory_log_options& options = {});

}  // namespace godwit::detail
