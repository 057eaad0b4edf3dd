// guarded: the wall around every call of the C interface: no exception leaves it, and every failure becomes a status, words in
// the caller's error, and the thread's last error.
#pragma once
#include <new>

#include "godwit/c/base.h"
#include "godwit/result.hpp"

namespace godwit::c {

// Returns its number. noexcept: without memory for words, there are none.
godwit_status failed(const error& why, godwit_error* out) noexcept;
godwit_status failed_by_exception(godwit_error* out) noexcept;  // inside a catch
void write_error(const error& why, godwit_error& out) noexcept;

// `call` returns a result, or throws.
template <class Call>
godwit_status guarded(godwit_error* out, Call&& call) noexcept {
    try {
        if (const auto done = call(); !done) [[unlikely]]
            return failed(done.error(), out);
        return GODWIT_OK;
    } catch (...) {
        return failed_by_exception(out);
    }
}

// Runs a function of the caller, from which nothing may come out.
template <class Call>
void contained(Call&& call) noexcept {
    try {
        call();
    } catch (...) {  // the interface says so
    }
}

}  // namespace godwit::c
