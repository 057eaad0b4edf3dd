// RELIABILITY rows 31, 35 and 64 on real file systems: one in memory, and one that is full.
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/file_system_kind.hpp"
#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "test_main.hpp"

using namespace journal_tests;
using godwit::errc;
using godwit::journal;
using godwit::message;
using godwit::stage;
using godwit::detail::file_system_kind_of;

namespace {

const std::filesystem::path in_memory = "/dev/shm";

bool says(const godwit::error& what, std::string_view word) {
    return std::string_view{what.what()}.find(word) != std::string_view::npos;
}

}  // namespace

TEST_CASE("RELIABILITY 64: file systems on which a sync promises nothing are known by their numbers") {
    CHECK(file_system_kind_of(0x01021994).name == "tmpfs");
    CHECK(file_system_kind_of(0x01021994).loses_synced);
    CHECK(file_system_kind_of(0x6969).loses_synced);
    CHECK(file_system_kind_of(0xff534d42).loses_synced);
    CHECK(file_system_kind_of(0x794c7630).name == "overlay");
    CHECK_FALSE(file_system_kind_of(0x794c7630).loses_synced);
    CHECK(file_system_kind_of(0xef53).name.empty());  // ext4
    const auto nowhere = godwit::detail::file_system_at("/nowhere/at/all");
    CHECK(nowhere.failed(errc::not_found));
}

TEST_CASE("RELIABILITY 64: in memory `durable` is refused by the file system's name, unless it is allowed aloud") {
    const auto there = godwit::detail::file_system_at(in_memory);
    if (!there || there->name != "tmpfs") {
        WARN("no tmpfs at /dev/shm: not tested here");
        return;
    }
    const scratch_folder folder{in_memory};
    const auto where = folder.path() / "journal";
    const auto refused = journal::open(where);
    REQUIRE(refused.failed(errc::unsupported));
    CHECK(says(refused.error(), "tmpfs"));
    CHECK_FALSE(std::filesystem::exists(where));
    {
        auto store = journal::open(where, {.confirm = stage::stored}).value();
        CHECK(store.recovered().file_system == "tmpfs");
        auto stream = store.stream("s").value();
        CHECK(stream.append(message{"a"}).failed(errc::unsupported));
        CHECK(stream.append(message{"b"}, stage::stored).value() == 1);
    }
    auto store = journal::open(where, {.durable_anywhere = true}).value();
    CHECK(store.recovered().file_system == "tmpfs");
    CHECK(store.stream("s").value().append(message{"c"}).value() == 2);
}

#if !defined(__SANITIZE_THREAD__)
namespace {

constexpr int done = 0, not_permitted = 77;

// The mounts of this process are its own from now on.
bool has_own_mounts() {
    if (::unshare(CLONE_NEWNS) == 0) return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    const auto user = std::to_string(::geteuid());
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    return static_cast<bool>(std::ofstream{"/proc/self/uid_map"} << "0 " << user << " 1" << std::flush);
}

int fill_a_small_disk(const char* at) {
    if (!has_own_mounts()) return not_permitted;
    if (::mount("tmpfs", at, "tmpfs", 0, "size=512k") != 0) return not_permitted;
    auto opened = journal::open(at, {.segment_bytes = 64u << 10, .durable_anywhere = true});
    if (!opened) return 1;
    auto stream = opened->stream("s");
    if (!stream) return 2;
    const message large{std::string(10'000, 'x')};
    godwit::offset last = 0;
    auto taken = stream->append(large);
    for (; taken; taken = stream->append(large)) last = *taken;
    if (!taken.failed(errc::full) || last < 20) return 3;
    const auto all = stream->read_many(0, 100);
    if (!all || all->size() != last) return 4;
    if (!stream->release({1, last - 1})) return 5;
    for (int i = 0; i < 1000 && !(taken = stream->append(large)); ++i) {
        if (!taken.failed(errc::full)) return 6;
    }
    if (!taken || *taken != last + 1) return 7;
    return opened->health() && opened->close() ? done : 8;
}

}  // namespace

TEST_CASE(
    "RELIABILITY 31, 35: on a real file system that is full an append is refused, by no signal, until there is space") {
    const scratch_folder folder;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(fill_a_small_disk(folder.path().c_str()));
    int ended = 0;
    REQUIRE(::waitpid(child, &ended, 0) == child);
    REQUIRE(WIFEXITED(ended));
    if (WEXITSTATUS(ended) == not_permitted) {
        WARN("no mounts in a namespace of one's own: not tested here");
        return;
    }
    CHECK(WEXITSTATUS(ended) == done);
}
#endif
