// The real file system behind directory.hpp. Linux: fallocate, open file description locks.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "base/directory.hpp"
#include "base/short_list.hpp"
#include "base/system_error.hpp"
#include "base/unique_fd.hpp"

namespace godwit::detail {

namespace {

error file_error(const std::string& what, int number) {
    switch (number) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return error{errc::full, what + ": " + std::string{system_error("", number).value()},
                         "free some space there"};
        case ENOENT:
            return error{errc::not_found, what};
        case EEXIST:
            return error{errc::already_exists, what};
        default:
            return system_error(what, number);
    }
}

template <class Call>
auto retried(const Call& call) {
    auto outcome = call();
    while (outcome < 0 && errno == EINTR) outcome = call();
    return outcome;
}

class posix_file final : public file {
public:
    posix_file(unique_fd descriptor, std::string path) : fd_{std::move(descriptor)}, path_{std::move(path)} {}

    result<std::size_t> read(std::uint64_t at, std::span<std::byte> into) const override {
        std::size_t done = 0;
        while (done < into.size()) {
            const ssize_t got = retried([&] {
                return ::pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(at + done));
            });
            if (got < 0) return failed();
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    status write(std::uint64_t at, std::span<const bytes> parts) override {
        short_list<iovec, 16> left;
        for (const bytes part : parts) {
            if (!part.empty()) left.push_back({const_cast<std::byte*>(part.data()), part.size()});
        }
        std::span<iovec> rest{left.begin(), left.size()};
        while (!rest.empty()) {
            const int count = static_cast<int>(std::min<std::size_t>(rest.size(), IOV_MAX));
            const ssize_t got =
                retried([&] { return ::pwritev(fd_.get(), rest.data(), count, static_cast<off_t>(at)); });
            if (got < 0) return failed();
            at += static_cast<std::uint64_t>(got);
            rest = behind(rest, static_cast<std::size_t>(got));
        }
        return {};
    }

    status allocate(std::uint64_t end) override {
        if (retried([&] { return ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(end)); }) == 0) return {};
        return errno == EOPNOTSUPP ? resize(end) : failed();
    }
    status resize(std::uint64_t size) override {
        if (retried([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) == 0) return {};
        return failed();
    }
    // Not again on EINTR: whether the pages were written is not known then, and a second sync would not tell.
    status sync() override {
        if (::fdatasync(fd_.get()) == 0) return {};
        return error{errc::io, std::string{failed().value()}, "what was not synced may be lost"};
    }
    result<std::uint64_t> size() const override {
        struct stat found {};
        if (::fstat(fd_.get(), &found) != 0) return failed();
        return static_cast<std::uint64_t>(found.st_size);
    }

private:
    error failed() const { return file_error(path_, errno); }
    static std::span<iovec> behind(std::span<iovec> parts, std::size_t written) {
        while (!parts.empty() && written >= parts.front().iov_len) {
            written -= parts.front().iov_len;
            parts = parts.subspan(1);
        }
        if (!parts.empty()) {
            parts.front().iov_base = static_cast<std::byte*>(parts.front().iov_base) + written;
            parts.front().iov_len -= written;
        }
        return parts;
    }

    unique_fd fd_;
    const std::string path_;
};

class posix_directory final : public directory {
public:
    posix_directory(unique_fd descriptor, std::string path) : fd_{std::move(descriptor)}, path_{std::move(path)} {}

    std::string_view path() const noexcept override { return path_; }

    result<std::vector<std::string>> list() const override {
        const int own = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR* const open = own < 0 ? nullptr : ::fdopendir(own);
        if (open == nullptr) {
            const int number = errno;
            unique_fd{own}.reset();
            return file_error(path_, number);
        }
        std::vector<std::string> names;
        errno = 0;
        while (const dirent* const one = ::readdir(open)) {
            const std::string_view name{one->d_name};
            if (name != "." && name != "..") names.emplace_back(name);
        }
        const int number = errno;
        ::closedir(open);
        if (number != 0) return file_error(path_, number);
        std::sort(names.begin(), names.end());
        return names;
    }

    result<std::unique_ptr<file>> open(std::string_view name, file_use how) override {
        const std::string text{name};
        const int flags = how == file_use::read    ? O_RDONLY
                          : how == file_use::write ? O_RDWR
                                                   : O_RDWR | O_CREAT | O_EXCL;
        unique_fd opened{
            retried([&] { return ::openat(fd_.get(), text.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0644); })};
        if (!opened) return failed(name);
        return std::unique_ptr<file>{std::make_unique<posix_file>(std::move(opened), path_ + "/" + text)};
    }

    status rename(std::string_view from, std::string_view to) override {
        if (::renameat(fd_.get(), std::string{from}.c_str(), fd_.get(), std::string{to}.c_str()) == 0) return {};
        return failed(from);
    }
    status link(std::string_view from, std::string_view to) override {
        if (::linkat(fd_.get(), std::string{from}.c_str(), fd_.get(), std::string{to}.c_str(), 0) == 0) return {};
        return failed(to);
    }
    status remove(std::string_view name) override {
        if (::unlinkat(fd_.get(), std::string{name}.c_str(), 0) == 0) return {};
        return failed(name);
    }
    status sync() override {
        if (::fsync(fd_.get()) == 0) return {};
        return error{errc::io, std::string{file_error(path_, errno).value()}, "new names may be lost"};
    }

    result<bool> lock(std::string_view name) override {
        unique_fd opened{retried([&] {
            return ::openat(fd_.get(), std::string{name}.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        })};
        if (!opened) return failed(name);
        struct flock first_byte {};
        first_byte.l_type = F_WRLCK;
        first_byte.l_whence = SEEK_SET;
        first_byte.l_len = 1;
        if (retried([&] { return ::fcntl(opened.get(), F_OFD_SETLK, &first_byte); }) != 0) {
            if (errno == EAGAIN || errno == EACCES) return false;
            return failed(name);
        }
        locked_ = std::move(opened);
        return true;
    }

    result<bool> is_locked(std::string_view name) const override {
        const unique_fd opened{
            retried([&] { return ::openat(fd_.get(), std::string{name}.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW); })};
        if (!opened) return errno == ENOENT ? result<bool>{false} : result<bool>{failed(name)};
        struct flock first_byte {};
        first_byte.l_type = F_RDLCK;  // another's exclusive lock is in its way, and nothing else
        first_byte.l_whence = SEEK_SET;
        first_byte.l_len = 1;
        if (retried([&] { return ::fcntl(opened.get(), F_OFD_GETLK, &first_byte); }) != 0) return failed(name);
        return first_byte.l_type != F_UNLCK;
    }

    result<file_place> place_of(std::string_view name) const override {
        struct stat ours {};
        struct stat found {};
        if (::fstat(fd_.get(), &ours) != 0) return file_error(path_, errno);
        if (::fstatat(fd_.get(), std::string{name}.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return failed(name);
        return file_place{ours.st_ino, found.st_ino};
    }

private:
    error failed(std::string_view name) const { return file_error(path_ + "/" + std::string{name}, errno); }

    unique_fd fd_;
    unique_fd locked_;
    const std::string path_;
};

}  // namespace

result<std::unique_ptr<directory>> open_directory(const std::filesystem::path& path, bool make) {
    if (make && ::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return file_error(path.string(), errno);
    unique_fd opened{retried([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); })};
    if (!opened) return file_error(path.string(), errno);
    return std::unique_ptr<directory>{std::make_unique<posix_directory>(std::move(opened), path.string())};
}

}  // namespace godwit::detail
