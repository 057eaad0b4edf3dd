#include "base/system_error.hpp"

#include <cerrno>
#include <cstring>
#include <string>

namespace godwit::detail {

namespace {

// strerror_r comes in two kinds; overloads tell them apart.
[[maybe_unused]] const char* words(int result, const char* buffer) noexcept {
    return result == 0 ? buffer : "unknown error";
}
[[maybe_unused]] const char* words(const char* result, const char*) noexcept { return result; }

}  // namespace

error system_error(std::string_view what_failed, int number) noexcept {
    errc code = errc::io;
    std::string_view advice;
    switch (number) {
        case EMFILE:
            code = errc::no_resources;
            advice = "the process has too many descriptors open; raise its limit (ulimit -n)";
            break;
        case ENFILE:
            code = errc::no_resources;
            advice = "the system has too many descriptors open; raise fs.file-max";
            break;
        case EAGAIN:
            code = errc::no_resources;
            advice = "a limit on threads or kernel memory is reached (ulimit -u)";
            break;
        case ENOMEM:
        case ENOBUFS:
            code = errc::no_resources;
            advice = "the system is out of memory for this";
            break;
        default:
            break;
    }
    char buffer[256] = "";
    const char* text = words(::strerror_r(number, buffer, sizeof buffer), buffer);
    try {
        return error{code, std::string{what_failed}.append(": ").append(text), advice};
    } catch (...) {
        return error{code};
    }
}

}  // namespace godwit::detail
