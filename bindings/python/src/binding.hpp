// binding: what the parts of the extension module share. Every call into the library that may wait lets go of the GIL; what
// cannot wait keeps it, because giving it up and taking it again costs more than the call.
#pragma once
#include <godwit/godwit.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nb = nanobind;

namespace binding {

// Throws the exception of that status, made by godwit._errors.
[[noreturn]] void raise(const godwit_error& why);
inline void check(godwit_status status, const godwit_error& why) {
    if (status != GODWIT_OK) [[unlikely]]
        raise(why);
}

// A call with its error; for calls that cannot wait.
template <class Call>
void must(Call&& call) {
    godwit_error why = GODWIT_ERROR_INIT;
    check(call(&why), why);
}
// For calls that may wait, and cannot be cut into pieces.
template <class Call>
void must_without_gil(Call&& call) {
    godwit_error why = GODWIT_ERROR_INIT;
    godwit_status status = GODWIT_OK;
    {
        nb::gil_scoped_release released;
        status = call(&why);
    }
    check(status, why);
}
// For calls with a timeout that may be made again: tried at once, then waited for without the GIL, and signals are looked
// at ten times a second, so that Ctrl-C ends a wait.
template <class Call>
void must_wait(std::int64_t timeout_ns, Call&& call) {
    godwit_error why = GODWIT_ERROR_INIT;
    godwit_status status = call(std::int64_t{0}, &why);
    while (status == GODWIT_TIMED_OUT && timeout_ns > 0) {
        const std::int64_t slice = timeout_ns < 100'000'000 ? timeout_ns : 100'000'000;
        {
            nb::gil_scoped_release released;
            status = call(slice, &why);
        }
        if (PyErr_CheckSignals() != 0) throw nb::python_error{};
        if (timeout_ns != GODWIT_NEVER) timeout_ns -= slice;
    }
    check(status, why);
}

// Seconds as in the standard library; None: never.
inline std::int64_t nanoseconds(std::optional<double> seconds) {
    if (!seconds) return GODWIT_NEVER;
    if (!(*seconds > 0)) return 0;
    return *seconds > 9e9 ? GODWIT_NEVER : static_cast<std::int64_t>(*seconds * 1e9);
}
inline std::int64_t milliseconds(double seconds) { return static_cast<std::int64_t>(seconds * 1e3 + 0.5); }

inline godwit_bytes bytes_of(std::string_view text) { return {text.data(), text.size()}; }

// Borrows the memory of anything with the buffer protocol.
class buffer {
public:
    explicit buffer(nb::handle from) {
        if (PyObject_GetBuffer(from.ptr(), &view_, PyBUF_SIMPLE) != 0) throw nb::python_error{};
    }
    buffer(const buffer&) = delete;
    buffer& operator=(const buffer&) = delete;
    ~buffer() { PyBuffer_Release(&view_); }
    godwit_bytes bytes() const noexcept { return {view_.buf, static_cast<std::size_t>(view_.len)}; }

private:
    Py_buffer view_{};
};

nb::object text_of(godwit_bytes bytes);          // str, what is not UTF-8 escaped
std::string taken_text(godwit_message message);  // and releases it

void bind_context(nb::module_& into);
void bind_delivery(nb::module_& into);
void bind_journal(nb::module_& into);
void bind_socket(nb::module_& into);

}  // namespace binding
