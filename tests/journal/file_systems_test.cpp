// RELIABILITY row 64 on a real file system, in memory.
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
