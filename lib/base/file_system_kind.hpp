// file_system_kind: on what kind of file system a directory stands, as far as it matters for what a sync there promises.
// Threads: stateless. Blocks on the file system.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "godwit/result.hpp"

namespace godwit::detail {

struct file_system_kind {
    std::string_view name;      // empty: none for which anything speaks against it
    bool loses_synced = false;  // in memory, or another machine's: a sync promises nothing about a power cut
};

// Of statfs(2)'s f_type.
GODWIT_EXPORT file_system_kind file_system_kind_of(std::uint64_t magic) noexcept;
// Of a directory, or, if it is not there yet, of its parent. `not_found`, `io`.
GODWIT_EXPORT result<file_system_kind> file_system_at(const std::filesystem::path& directory);

}  // namespace godwit::detail
