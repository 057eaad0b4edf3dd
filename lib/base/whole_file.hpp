// whole_file: reads a file that security rests on: judged by its open descriptor, so that nobody can change it in between.
// Threads: stateless. Blocks on files, but never on a pipe or a device.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "godwit/export.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

struct file_rules {
    mode_t mode_forbidden;  // bits that others may not have
    bool must_be_ours;      // its owner is we, or root
    std::size_t size_max;
};

struct opened_file {
    unique_fd descriptor;
    std::size_t size;
};

// `not_found`, `insecure` (a link, its mode, its owner), `malformed` (no regular file), `too_large`, `io`.
GODWIT_EXPORT result<opened_file> open_judged(const std::filesystem::path& file, const file_rules& rules);
// Into at most `size` bytes: how many there were. `io`.
GODWIT_EXPORT result<std::size_t> read_all(int descriptor, char* into, std::size_t size, std::string_view name);

}  // namespace godwit::detail
