// fork_mark: tells that this process is a child of the one that made it, by a page that the kernel wipes on fork
// (MADV_WIPEONFORK): one load to ask, nothing to install. Threads: thread-safe.
#pragma once
#include <sys/mman.h>

#include <utility>

namespace godwit::detail {

class fork_mark {
public:
    fork_mark() noexcept {
        void* page = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) return;
        page_ = static_cast<volatile const char*>(page);
        *static_cast<char*>(page) = 1;
        ::madvise(page, page_bytes, MADV_WIPEONFORK);
    }
    fork_mark(const fork_mark&) = delete;
    fork_mark& operator=(const fork_mark&) = delete;
    ~fork_mark() {
        if (page_ != &no_page) ::munmap(const_cast<char*>(page_), page_bytes);
    }

    // Borrowed: the mark must outlive it.
    class view {
    public:
        explicit view(const fork_mark& of) noexcept : page_{of.page_} {}
        bool forked() const noexcept { return *page_ == 0; }

    private:
        volatile const char* const page_;
    };
    bool forked() const noexcept { return *page_ == 0; }

private:
    static constexpr std::size_t page_bytes = 4096;
    static constexpr volatile char no_page = 1;  // without a page a fork is not noticed
    volatile const char* page_ = &no_page;
};

}  // namespace godwit::detail
