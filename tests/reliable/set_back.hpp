// set_back: a directory as it was, put back in its place: inodes and all, as a restore does it.
#pragma once
#include <filesystem>

namespace reliable {

// Takes the files of a directory aside, and puts them back later: as a machine's snapshot does. The place stays the same.
class set_back {
public:
    explicit set_back(const std::filesystem::path& of) : of_{of}, aside_{of.string() + ".aside"} {
        std::filesystem::create_directory(aside_);
        copy(of_, aside_);
    }
    void now() {
        for (const auto& one : std::filesystem::directory_iterator{of_}) {
            if (is_content(one)) std::filesystem::remove(one);
        }
        copy(aside_, of_);
    }

private:
    static bool is_content(const std::filesystem::directory_entry& one) {
        return one.path().filename() != "lock" && one.path().filename() != "identity";
    }
    static void copy(const std::filesystem::path& from, const std::filesystem::path& to) {
        for (const auto& one : std::filesystem::directory_iterator{from}) {
            if (is_content(one)) std::filesystem::copy_file(one, to / one.path().filename());
        }
    }
    const std::filesystem::path of_, aside_;
};

}  // namespace reliable
