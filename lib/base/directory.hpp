// directory: the door to one directory of files. Production puts the file system behind it, a simulation its crashes.
// Names are plain names of files in that directory. Threads: calls on different files may overlap; those on one file, and
// those that change names, are made one at a time. Every call may block.
// Errors: `not_found`, `already_exists`, `full` (no space left for it), `no_resources`, `io`; the value names the file.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/message.hpp"  // bytes
#include "godwit/result.hpp"

namespace godwit::detail {

class file {
public:
    virtual ~file() = default;
    // How many bytes it got: fewer than asked for only where the file ends.
    virtual result<std::size_t> read(std::uint64_t at, std::span<std::byte> into) const = 0;
    // All parts, one behind the other. After an error any of their bytes may be there.
    virtual status write(std::uint64_t at, std::span<const bytes> parts) = 0;
    // Space up to `end`, that is read as zeros; the file is as long then.
    virtual status allocate(std::uint64_t end) = 0;
    virtual status resize(std::uint64_t size) = 0;
    // The content, and what is needed to read it, survives a power cut. An error is final, and never `full`, which asks to
    // be tried again: what was not synced before may be lost, and no later sync tells.
    virtual status sync() = 0;
    virtual result<std::uint64_t> size() const = 0;
};

enum class file_use : std::uint8_t { read, write, create };  // create: a new one, to write

// Where a directory stands: a copy of it stands elsewhere.
struct file_place {
    std::uint64_t directory = 0;
    std::uint64_t file = 0;
    friend bool operator==(const file_place&, const file_place&) = default;
};

class directory {
public:
    virtual ~directory() = default;
    virtual std::string_view path() const noexcept = 0;  // for errors
    virtual result<std::vector<std::string>> list() const = 0;
    virtual result<std::unique_ptr<file>> open(std::string_view name, file_use how) = 0;
    virtual status rename(std::string_view from, std::string_view to) = 0;  // over what is there
    virtual status link(std::string_view from, std::string_view to) = 0;
    virtual status remove(std::string_view name) = 0;
    virtual status sync() = 0;  // names survive a power cut; as of a file, an error is final
    // Makes the file if it must. False: another open description, of whatever process, holds it. It is held until the
    // directory is closed; a child process does not get it.
    virtual result<bool> lock(std::string_view name) = 0;
    // Whether anybody holds it, this process included. Takes nothing; needs only the right to read the file, and without a
    // file nobody does.
    virtual result<bool> is_locked(std::string_view name) const = 0;
    virtual result<file_place> place_of(std::string_view name) const = 0;
};

// Makes the directory if `make` says so, and its parent is there.
GODWIT_EXPORT result<std::unique_ptr<directory>> open_directory(const std::filesystem::path& path, bool make);

// The whole of a file, if it is no larger than `size_max`, else `too_large`.
GODWIT_EXPORT result<std::vector<std::byte>> read_whole(directory& in, std::string_view name, std::size_t size_max);
// The first `size` bytes. `io` where there are fewer.
GODWIT_EXPORT status copy_bytes(const file& from, file& to, std::uint64_t size);
// To be there whole or not at all: beside it, synced, renamed over what is there, the directory synced.
GODWIT_EXPORT status write_whole(directory& in, std::string_view name, bytes content);

}  // namespace godwit::detail
