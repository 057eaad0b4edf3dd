#include "base/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/system_error.hpp"
#include "base/whole_file.hpp"
#include "base/z85.hpp"

namespace godwit {

namespace detail {

namespace {

constexpr std::size_t key_file_bytes_max = 4096;

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

}  // namespace

status parse_key_file(std::string_view text, std::string_view name, secret_bytes& secret) {
    const auto wrong = [&](std::string_view reason) { return error{errc::malformed, name, reason}; };
    if (text.find('\r') != text.npos) return wrong("its lines end in CRLF: convert it to Unix line ends (LF)");
    std::string_view line;
    do {
        if (text.empty()) return wrong("there is no key in it");
        line = take_line(text);
    } while (line.starts_with('#'));
    if (line.size() < public_key::text_size) {
        return wrong("it is cut off: " + std::to_string(line.size()) + " of the key's 40 characters are there");
    }
    if (line.size() > public_key::text_size || !text.empty()) return wrong("there is more than one key in it");
    if (!z85_decode(line, secret.bytes)) return wrong("what is in it is no key: 40 characters of Z85");
    if (secret.bytes == std::array<std::byte, public_key::size>{}) return wrong("the key in it is all zero");
    return {};
}

status load_secret(const std::filesystem::path& file, secret_bytes& secret) {
    auto opened = open_judged(file, {.mode_forbidden = 077, .must_be_ours = true, .size_max = key_file_bytes_max});
    if (opened.failed(errc::too_large)) {
        return error{errc::malformed, file.native(), "it is far too large for the file of one key"};
    }
    if (!opened) return opened.error();
    secret_buffer<char, key_file_bytes_max> text;
    const auto size = read_all(opened->descriptor.get(), text.bytes.data(), text.bytes.size(), file.native());
    if (!size) return size.error();
    return parse_key_file({text.bytes.data(), *size}, file.native(), secret);
}

namespace {

// A file that did not exist before; gone again unless it is kept.
class new_file {
public:
    new_file(std::string name, mode_t mode) : name_{std::move(name)} {
        opened_ = unique_fd{::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
        error_ = opened_ ? 0 : errno;
        if (opened_ && ::fchmod(opened_.get(), mode) != 0) error_ = errno;
    }
    new_file(const new_file&) = delete;
    ~new_file() {
        if (opened_ && !kept_) ::unlink(name_.c_str());
    }

    status made() const {
        if (error_ == 0) return {};
        if (error_ == EEXIST) return error{errc::already_exists, name_, "move it away first, or choose another name"};
        return system_error("cannot make " + name_, error_);
    }
    status write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t taken = ::write(opened_.get(), text.data(), text.size());
            if (taken < 0 && errno != EINTR) return system_error("cannot write " + name_, errno);
            if (taken > 0) text.remove_prefix(static_cast<std::size_t>(taken));
        }
        if (::fsync(opened_.get()) != 0) return system_error("cannot sync " + name_, errno);
        return {};
    }
    void keep() noexcept { kept_ = true; }

private:
    std::string name_;
    unique_fd opened_;
    int error_ = 0;
    bool kept_ = false;
};

status sync_directory_of(const std::filesystem::path& file) {
    const std::filesystem::path parent = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
    const unique_fd directory{::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory || ::fsync(directory.get()) != 0) return system_error("cannot sync " + parent.native(), errno);
    return {};
}

}  // namespace

}  // namespace detail

status key_pair::save(const std::filesystem::path& file) const {
    using namespace detail;
    if (!secret_) return error{errc::invalid_argument, file.native(), "this key pair was moved from"};
    if (file.native().find('\0') != std::string::npos) {
        return error{errc::io, file.native(), "a file name cannot contain a NUL byte"};
    }
    new_file secret{file.native(), 0600};
    if (auto made = secret.made(); !made) return made;
    new_file open{file.native() + ".pub", 0644};
    if (auto made = open.made(); !made) return made;
    secret_text text;
    z85_encode(secret_->raw(), {text.bytes.data(), public_key::text_size});
    text.bytes.back() = '\n';
    if (auto done = secret.write("# A secret key of Godwit (CURVE, Z85). Whoever has it is you.\n"); !done) return done;
    if (auto done = secret.write({text.bytes.data(), text.bytes.size()}); !done) return done;
    if (auto done = open.write(public_part().text() + "\n"); !done) return done;
    if (auto done = sync_directory_of(file); !done) return done;
    secret.keep();
    open.keep();
    return {};
}

}  // namespace godwit
