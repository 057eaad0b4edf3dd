// sim_directory: a directory in memory that keeps apart what is synced and what only a lucky crash keeps. A crash loses,
// keeps, reorders and tears what was not synced, and loses names; errors come at the call that the test names.
// Threads: what is behind open(), and the atomics, any; the rest is for a test that has no writer open.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "base/directory.hpp"

namespace journal_tests {

using godwit::bytes;
using godwit::errc;
using godwit::error;
using godwit::result;
using godwit::status;
using godwit::detail::file;
using godwit::detail::file_place;
using godwit::detail::file_use;

using content = std::vector<std::byte>;

// What a crash does to writes that were not synced.
enum class loss : std::uint8_t { all, none, suffix, any, torn, sizes_only };
inline constexpr loss losses[] = {loss::all, loss::none, loss::suffix, loss::any, loss::torn, loss::sizes_only};

struct disk_change {
    std::uint64_t at = 0;
    content data;          // written
    bool resizes = false;  // else: to `at` bytes
};

struct inode {
    content now;      // as the process sees it
    content durable;  // as it was at the last sync
    std::vector<disk_change> pending;
};

void carry_out(content& to, const disk_change& one);

class sim_disk {
public:
    // Counted from 1: every call that changes something. From the call `crash_at` on nothing has an effect any more, and
    // all calls fail. The call `fail_at` alone fails, with `fail_with`.
    std::atomic<std::uint64_t> calls{0}, crash_at{0}, fail_at{0};
    errc fail_with = errc::io;
    bool fails_for_good = false;                              // each call from fail_at on, until it is 0
    std::atomic<std::uint64_t> bytes_max{~std::uint64_t{0}};  // of all files; then `full`
    std::atomic<std::uint64_t> reads{0}, read_bytes{0}, fail_read_at{0};
    std::atomic<bool> reads_fail{false};

    bool crashed() const noexcept { return crash_at != 0 && calls >= crash_at; }
    // What a restart finds: the disk of now, and nothing is pending.
    std::unique_ptr<sim_disk> after_crash(std::mt19937_64& random, loss how) const;
    std::unique_ptr<sim_disk> copy() const;  // of what the process sees: all synced
    std::unique_ptr<godwit::detail::directory> open();
    // Changes bytes of a file as they are, synced or not.
    content& file_content(const std::string& name) { return names_.at(name)->now; }
    std::vector<std::string> names() const;
    bool locked = false;

private:
    friend class sim_file;
    friend class sim_directory;
    struct name_change {
        std::string remove, add;  // either may be empty
        std::shared_ptr<inode> what;
    };
    status call();  // what each call that changes something begins with
    std::uint64_t space() const;

    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<inode>> names_, durable_names_;
    std::vector<name_change> pending_names_;
};

}  // namespace journal_tests
