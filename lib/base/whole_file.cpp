#include "base/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "base/system_error.hpp"

namespace godwit::detail {

namespace {

std::string octal(mode_t mode) {
    char text[16];
    std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
    return text;
}

status judge(const struct stat& found, const std::string& name, const file_rules& rules) {
    if (!S_ISREG(found.st_mode)) return error{errc::malformed, name, "it is no regular file"};
    if (rules.must_be_ours && found.st_uid != ::geteuid() && found.st_uid != 0) {
        return error{errc::insecure, name,
                     "it belongs to another user (uid " + std::to_string(found.st_uid) + "): make one of your own"};
    }
    if ((found.st_mode & rules.mode_forbidden) != 0) {
        const bool readable = (rules.mode_forbidden & 044) != 0;
        return error{errc::insecure, name,
                     "mode " + octal(found.st_mode) + ": others can " + (readable ? "read or write" : "write") +
                         " it; chmod " + (readable ? "600" : "go-w") + " it, and think who has been there"};
    }
    if (static_cast<std::size_t>(found.st_size) > rules.size_max) {
        return error{errc::too_large, name, std::to_string(rules.size_max) + " bytes are the most it may have"};
    }
    return {};
}

}  // namespace

result<opened_file> open_judged(const std::filesystem::path& file, const file_rules& rules) {
    const std::string& name = file.native();
    if (name.find('\0') != name.npos) return error{errc::not_found, name, "a file name cannot contain a NUL byte"};
    // Without O_NONBLOCK a pipe of that name would hold us for ever.
    unique_fd opened{::open(name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!opened) {
        if (errno == ENOENT || errno == ENOTDIR) return error{errc::not_found, name, "there is no such file"};
        if (errno == ELOOP) return error{errc::insecure, name, "it is a link: name the file itself"};
        return system_error("cannot open " + name, errno);
    }
    struct stat found {};
    if (::fstat(opened.get(), &found) != 0) return system_error("cannot look at " + name, errno);
    if (auto fine = judge(found, name, rules); !fine) return fine.error();
    return opened_file{std::move(opened), static_cast<std::size_t>(found.st_size)};
}

result<std::size_t> read_all(int descriptor, char* into, std::size_t size, std::string_view name) {
    std::size_t taken = 0;
    while (taken < size) {
        const ssize_t got = ::read(descriptor, into + taken, size - taken);
        if (got == 0) break;
        if (got < 0 && errno != EINTR) return system_error("cannot read " + std::string{name}, errno);
        if (got > 0) taken += static_cast<std::size_t>(got);
    }
    return taken;
}

}  // namespace godwit::detail
