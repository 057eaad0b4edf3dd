// scratch_folder: an empty folder of the file system, gone with its owner.
#pragma once
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

namespace journal_tests {

class scratch_folder {
public:
    explicit scratch_folder(const std::filesystem::path& in = std::filesystem::temp_directory_path()) {
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
    std::filesystem::path path_;
};

}  // namespace journal_tests
