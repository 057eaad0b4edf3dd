// scratch_folder: an empty folder of the file system, gone with its owner.
#pragma once
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

namespace journal_tests {

class scratch_folder {
public:
    explicit scratch_folder(const std::filesystem::path& in = on_disk()) {
        static std::atomic<int> last{0};
        path_ = in / ("godwit-journal-" + std::to_string(::getpid()) + "-" + std::to_string(++last));
        std::filesystem::create_directory(path_);
    }
    scratch_folder(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    // What says durable has to be there: a temporary folder in memory is none.
    static std::filesystem::path on_disk() {
        struct ::statfs told {};
        const auto temporary = std::filesystem::temp_directory_path();
        const bool in_memory = ::statfs(temporary.c_str(), &told) == 0 && told.f_type == TMPFS_MAGIC;
        return in_memory ? std::filesystem::current_path() : temporary;
    }

    std::filesystem::path path_;
};

}  // namespace journal_tests
