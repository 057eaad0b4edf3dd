// A memory's directory: what is kept of it when the process, the machine or the disk fails at any call.
#include "dedup/mark_log.hpp"

#include "dedup/dedup_memory.hpp"
#include "journal/sim_directory.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using journal_tests::loss;
using journal_tests::losses;
using journal_tests::sim_disk;

namespace {

constexpr stream_id one{1, 1}, other{2, 2};

result<std::shared_ptr<dedup_memory>> open(sim_disk& disk, stage confirm = stage::durable) {
    disk.locked = false;
    return dedup_memory::open(disk.open(), {.confirm = confirm}, {system_time(), system_random()},
                              dedup_memory::writing::by_caller);
}

std::shared_ptr<dedup_memory> must_open(sim_disk& disk, stage confirm = stage::durable) {
    auto opened = open(disk, confirm);
    if (!opened) FAIL(opened.error().what());
    return *opened;
}

// Whether it says that this was done before. Leaves it in hand if not.
bool is_done(dedup_memory& memory, stream_id stream, offset at) {
    offered_record asked;
    asked.stream = stream;
    asked.at = at;
    memory.offer({&asked, 1});
    return asked.what == offered_record::verdict::done;
}

bool marks(dedup_memory& memory, stream_id stream, offset at) {
    const handled_range what{stream, {at, at}};
    const auto number = memory.mark({&what, 1});
    return memory.kept() >= number;
}

std::string last_file(const sim_disk& disk) {
    const auto names = disk.names();
    std::string last;
    for (const auto& name : names) {
        if (name.starts_with("marks-")) last = name;
    }
    return last;
}

}  // namespace

TEST_CASE("what was marked is known at the next opening, and each opening raises the epoch and draws a nonce") {
    sim_disk disk;
    memory_identity before;
    {
        auto memory = must_open(disk);
        before = memory->identity();
        CHECK(memory->recovered().is_new);
        REQUIRE(marks(*memory, one, 7));
        REQUIRE(marks(*memory, other, 9));
        REQUIRE(memory->close());
    }
    auto memory = must_open(disk);
    CHECK(memory->recovered().clean);
    CHECK(memory->recovered().producers == 2);
    CHECK(memory->identity().scope == before.scope);
    CHECK(memory->identity().epoch == before.epoch + 1);
    CHECK(memory->identity().nonce != before.nonce);
    CHECK(is_done(*memory, one, 7));
    CHECK(is_done(*memory, other, 9));
    CHECK_FALSE(is_done(*memory, one, 9));
}

TEST_CASE("what a sender's greeting said is known at the next opening: epoch, nonce and floor") {
    sim_disk disk;
    const offset_range live[] = {{3, 3}};
    {
        auto memory = must_open(disk);
        REQUIRE(marks(*memory, one, 3));
        REQUIRE(memory->met(
            {.stream = one, .epoch = 4, .nonce = {7, 7}, .epoch_first = 9, .floor = 20, .live_below = live}));
        REQUIRE(marks(*memory, one, 20));
    }
    auto memory = must_open(disk);
    CHECK(memory->met({.stream = one, .epoch = 4, .nonce = {8, 8}}).failed(errc::conflict));
    CHECK(memory->met({.stream = one, .epoch = 3, .nonce = {8, 8}}).failed(errc::fenced));
    CHECK(is_done(*memory, one, 3));
    CHECK(is_done(*memory, one, 20));
    CHECK_FALSE(is_done(*memory, one, 5));
    CHECK(memory->stats().too_old == 1);
}

TEST_CASE(
    "RELIABILITY 1, 12 to 17, 75: wherever it stops, each mark that was kept is known, and none that was not made") {
    std::uint64_t points = 0;
    for (const stage confirm : {stage::durable, stage::stored}) {
        for (const loss how : losses) {
            if (confirm == stage::stored && how != loss::none) continue;  // it survives the process alone
            for (std::uint64_t stop = 1;; ++stop, ++points) {
                sim_disk disk;
                disk.crash_at = stop;
                std::vector<offset> kept;
                bool ended = false;
                for (int life = 0; life < 2 && !disk.crashed(); ++life) {
                    auto opened = open(disk, confirm);
                    if (!opened) break;
                    for (offset at = 1; at <= 6; ++at) {
                        const offset each = at * 2 + static_cast<offset>(life) * 100;
                        if (marks(**opened, one, each)) kept.push_back(each);
                    }
                    ended = (*opened)->close() && life == 1;
                }
                std::mt19937_64 random{stop};
                const auto after = disk.after_crash(random, how);
                auto memory = must_open(*after, confirm);
                for (const offset at : kept) {
                    INFO("stopped at call " << stop << ", loss " << static_cast<int>(how) << ", record " << at);
                    REQUIRE(is_done(*memory, one, at));
                }
                for (offset at = 1; at < 130; at += 2) REQUIRE_FALSE(is_done(*memory, one, at));
                REQUIRE(marks(*memory, one, 1001));
                memory.reset();
                REQUIRE(is_done(*must_open(*after, confirm), one, 1001));
                if (ended) break;
            }
        }
    }
    CHECK(points > 100);
}

TEST_CASE(
    "RELIABILITY 18, 19: a flipped bit of what was confirmed is corrupt, or of the last entry a cut tail, never a "
    "mark") {
    sim_disk disk;
    {
        auto memory = must_open(disk);
        for (offset at = 1; at <= 4; ++at) REQUIRE(marks(*memory, one, at * 2));
    }
    const std::string name = last_file(disk);
    const std::size_t size = disk.file_content(name).size();
    const std::size_t closing = 32 + 1, last_mark = 32 + 33;  // the last two entries
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
        const auto copy = disk.copy();
        copy->file_content(name)[bit / 8] ^= std::byte{1} << (bit % 8);
        auto opened = open(*copy);
        INFO("bit " << bit << " of " << size * 8);
        if (bit / 8 < 6 && bit / 8 >= 4) {
            REQUIRE(opened.failed(errc::unsupported));  // another version
            continue;
        }
        if (bit / 8 < size - closing - last_mark) {
            REQUIRE(opened.failed(errc::corrupt));
            REQUIRE(copy->file_content(name).size() == size);
            continue;
        }
        // The closing entry says that the last mark was synced; of itself nothing does.
        if (bit / 8 < size - closing) {
            REQUIRE(opened.failed(errc::corrupt));
        } else {
            REQUIRE(opened);
            REQUIRE((*opened)->recovered().cut_bytes == closing);
            REQUIRE_FALSE((*opened)->recovered().clean);
            REQUIRE(is_done(**opened, one, 8));
        }
    }
}

TEST_CASE("RELIABILITY 29: after a failed sync nothing more is kept, and the next opening says what is true") {
    sim_disk disk;
    auto memory = must_open(disk);
    REQUIRE(marks(*memory, one, 2));
    disk.fail_at = disk.calls + 2;  // the write, then its sync
    CHECK_FALSE(marks(*memory, one, 4));
    CHECK(memory->health().failed(errc::io));
    disk.fail_at = 0;
    CHECK_FALSE(marks(*memory, one, 6));
    memory.reset();
    CHECK(is_done(*must_open(disk), one, 2));
}

TEST_CASE("RELIABILITY 31: without space marks wait, and are kept when there is some") {
    sim_disk disk;
    auto memory = must_open(disk);
    REQUIRE(marks(*memory, one, 2));
    disk.bytes_max = 0;
    CHECK_FALSE(marks(*memory, one, 4));
    CHECK(memory->health().failed(errc::full));
    disk.bytes_max = ~std::uint64_t{0};
    CHECK(marks(*memory, one, 6));
    CHECK(memory->health());
    memory.reset();
    memory = must_open(disk);
    CHECK(is_done(*memory, one, 4));
    CHECK(is_done(*memory, one, 6));
}

TEST_CASE("the directory follows what is open at the senders, not what was handled") {
    sim_disk disk;
    auto memory = must_open(disk, stage::stored);
    for (offset at = 1; at < 60'000; ++at) {
        REQUIRE(marks(*memory, one, at));
        memory->floor_moved(one, at);
    }
    CHECK(disk.names().size() == 3);  // identity, lock, and one of marks
    CHECK(disk.file_content(last_file(disk)).size() < (1u << 20) + 4096);
    CHECK(memory->stats().open_ranges == 1);
    memory.reset();
    CHECK(is_done(*must_open(disk), one, 59'999));
}

TEST_CASE("an adoption that was stopped at any call is one again") {
    sim_disk first;
    REQUIRE(marks(*must_open(first), one, 2));
    for (std::uint64_t stop = 1;; ++stop) {
        auto disk = first.copy();
        REQUIRE(disk->open()->remove("identity"));
        disk->calls = 0;
        disk->crash_at = stop;
        const bool opened = bool{open(*disk)};
        std::mt19937_64 random{stop};
        const auto after = disk->after_crash(random, loss::all);
        auto memory = open(*after);
        INFO("stopped at call " << stop);
        if (!memory) FAIL(memory.error().what());
        REQUIRE(is_done(**memory, one, 2));
        if (opened) break;
    }
}
