// RELIABILITY rows 27, 32, 34, 36, 68: a real journal whose calls to the system are interrupted, and do a part of what they were
// asked for. The calls of this program are the ones below.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "test_main.hpp"

using namespace journal_tests;
using godwit::errc;
using godwit::journal;
using godwit::message;

namespace {

std::atomic<bool> calls_suffer{false};
std::atomic<std::uint64_t> interrupted{0}, cut_short{0};

// Each other call.
bool is_interrupted() {
    static std::atomic<std::uint64_t> calls{0};
    if (!calls_suffer || ++calls % 2 == 0) return false;
    ++interrupted;
    errno = EINTR;
    return true;
}

struct suffering {
    suffering() { calls_suffer = true; }
    ~suffering() { calls_suffer = false; }
};

}  // namespace

extern "C" {

ssize_t pwritev(int descriptor, const iovec* parts, int count, off_t at) {
    if (is_interrupted()) return -1;
    iovec part = *parts;
    if (calls_suffer && (count > 1 || part.iov_len > 7)) {
        ++cut_short;
        part.iov_len = std::min<std::size_t>(part.iov_len, 7);
        parts = &part;
        count = 1;
    }
    return ::syscall(SYS_pwritev, descriptor, parts, static_cast<long>(count), at, 0L);
}

ssize_t pread(int descriptor, void* into, size_t size, off_t at) {
    if (is_interrupted()) return -1;
    if (calls_suffer && size > 100) {
        ++cut_short;
        size = 100;
    }
    return ::syscall(SYS_pread64, descriptor, into, size, at);
}
}

TEST_CASE("RELIABILITY 27, 32, 68: interrupted calls, and calls that do a part, are made again for the rest") {
    scratch_folder folder;
    const std::string body(3000, 'x');
    const suffering from_now_on;
    {
        auto store = journal::open(folder.path()).value();
        auto stream = store.stream("s").value();
        for (int i = 0; i < 20; ++i) stream.append(message{std::to_string(i) + body}).value();
        store.close().value();
    }
    auto store = journal::open(folder.path()).value();
    CHECK(store.recovered().clean);
    const auto all = store.stream("s").value().read_many(0, 100).value();
    REQUIRE(all.size() == 20);
    for (int i = 0; i < 20; ++i) CHECK(all[static_cast<std::size_t>(i)].content.text() == std::to_string(i) + body);
    CHECK(interrupted > 100);
    CHECK(cut_short > 100);
}

TEST_CASE("RELIABILITY 34: where a file may not grow any more, an append is told `full`, and takes more when it may") {
    scratch_folder folder;
    auto store = journal::open(folder.path(), {.segment_bytes = 64u << 10}).value();
    auto stream = store.stream("s").value();
    const message large{std::string(40'000, 'x')};
    stream.append(large).value();
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto refused = stream.append(large);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, ignored);
    CHECK(refused.failed(errc::full));
    CHECK(stream.append(large).value() == 2);
    CHECK(stream.read_many(0, 10).value().size() == 2);
}
