#include "conformance/failing_new.hpp"

#include <dlfcn.h>
#include <execinfo.h>

#include <cstdlib>
#include <new>
#include <string_view>

namespace {

thread_local std::size_t left = 0;  // until the one that fails; 0: none is to
thread_local bool failed = false;
thread_local bool looking = false;

void left_to_fail() {}  // a place in this program

// The nearest caller that is neither the standard library nor this program, which has our operator new and whose tests
// call the library: libzmq, or the library. Linked statically, the library is this program: then all of it is ours.
bool is_ours() noexcept {
    looking = true;
    void* frames[32];
    const int count = ::backtrace(frames, 32);
    Dl_info program{};
    ::dladdr(reinterpret_cast<void*>(&left_to_fail), &program);
    bool ours = true;
    for (int i = 0; i < count; ++i) {
        Dl_info where{};
        if (::dladdr(frames[i], &where) == 0 || where.dli_fbase == program.dli_fbase) continue;
        const std::string_view file{where.dli_fname};
        if (file.find("libstdc++") != file.npos || file.find("libasan") != file.npos) continue;
        ours = file.find("libzmq") == file.npos;
        break;
    }
    looking = false;
    return ours;
}

bool fails_now() noexcept {
    if (left == 0 || looking || !is_ours()) return false;
    if (--left != 0) return false;
    failed = true;
    return true;
}

[[maybe_unused]] void* allocate(std::size_t size, std::size_t alignment) noexcept {
    if (fails_now()) return nullptr;
    if (size == 0) size = 1;
    return alignment <= alignof(std::max_align_t)
               ? std::malloc(size)
               : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

[[maybe_unused]] void* or_throw(void* made) {
    if (made == nullptr) throw std::bad_alloc{};
    return made;
}

}  // namespace

namespace conformance {

failing_new::failing_new(std::size_t which) noexcept {
    void* frame = nullptr;
    (void)::backtrace(&frame, 1);  // loads what it needs, once
    failed = false;
    left = which;
}
failing_new::~failing_new() { left = 0; }
bool failing_new::has_failed() noexcept { return failed; }

}  // namespace conformance

// The thread sanitizer knows libzmq's allocations by who calls its own operators: there, nothing fails.
#if !defined(__SANITIZE_THREAD__)

// All of them, as the standard library's others call these.
void* operator new(std::size_t size) { return or_throw(allocate(size, 0)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 0); }
void* operator new(std::size_t size, std::align_val_t to) {
    return or_throw(allocate(size, static_cast<std::size_t>(to)));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

#endif
