#include "base/file_system_kind.hpp"

#include <sys/vfs.h>

#include <array>
#include <cerrno>

#include "base/system_error.hpp"

namespace godwit::detail {

namespace {

struct known_kind {
    std::uint64_t magic;
    file_system_kind kind;
};

// The numbers of linux/magic.h, and of file systems that keep theirs to themselves.
constexpr std::array kinds{
    known_kind{0x01021994, {"tmpfs", true}}, known_kind{0x858458f6, {"ramfs", true}},
    known_kind{0x6969, {"nfs", true}},       known_kind{0x517b, {"smb", true}},
    known_kind{0xff534d42, {"cifs", true}},  known_kind{0xfe534d42, {"smb2", true}},
    known_kind{0x01021997, {"9p", true}},    known_kind{0x00c36400, {"ceph", true}},
    known_kind{0x5346414f, {"afs", true}},   known_kind{0x73757245, {"coda", true}},
    known_kind{0x65735546, {"fuse", false}}, known_kind{0x794c7630, {"overlay", false}},
};

}  // namespace

file_system_kind file_system_kind_of(std::uint64_t magic) noexcept {
    for (const known_kind& one : kinds) {
        if (one.magic == magic) return one.kind;
    }
    return {};
}

result<file_system_kind> file_system_at(const std::filesystem::path& directory) {
    struct statfs found {};
    int failed = ::statfs(directory.c_str(), &found);
    if (failed != 0 && errno == ENOENT) {
        const auto parent = std::filesystem::path{directory / ""}.parent_path().parent_path();
        failed = ::statfs(parent.empty() ? "." : parent.c_str(), &found);
    }
    if (failed == 0) return file_system_kind_of(static_cast<std::uint32_t>(found.f_type));
    return errno == ENOENT ? error{errc::not_found, directory.string()} : system_error(directory.string(), errno);
}

}  // namespace godwit::detail
