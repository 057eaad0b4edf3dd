// RELIABILITY row 8: what an entry says of several streams, and of what was settled, becomes true together.
#include "base/position_note.hpp"
#include "journal/writer_world.hpp"
#include "one_in.hpp"
#include "test_main.hpp"

using namespace journal_tests;

namespace {

constexpr journal_limits small{.bytes_max = 1u << 20, .segment_bytes = 4096};
constexpr offset inputs = 6;

// Of each input: it is settled, a position has moved on, and there are outputs, in one entry.
entry commit_of(offset input) {
    entry made;
    for (const offset output : {2 * input - 1, 2 * input})
        made.batches.push_back(batch_of(stream_b, {{stream_b, output, std::string(300, 'x')}}));
    const offset_range done{input, input};
    made.notes.push_back(note_of(note::kind::settlement, stream_a, ranges_as_bytes({&done, 1})));
    made.notes.push_back(
        note_of(note::kind::position, stream_a, encode(position_note{.name = "worker", .next = input + 1})));
    return made;
}

// How many commits were confirmed before a call failed.
offset work(open_writer& on) {
    std::vector<journal_writer::placed> where;
    entry all;
    for (offset at = 1; at <= inputs; ++at) all.batches.push_back(batch_of(stream_a, {{stream_a, at, "input"}}));
    if (!on.writer->append({&all, 1}, where).why || !on.writer->sync()) return 0;
    for (offset input = 1; input <= inputs; ++input) {
        const entry commit = commit_of(input);
        if (!on.writer->append({&commit, 1}, where).why || !on.writer->sync()) return input - 1;
    }
    return inputs;
}

// How many commits are there: of each all that it says, or nothing.
offset whole_commits(sim_disk& disk, const journal_state& state) {
    const stream_state* const input = state.find(stream_a);
    if (input == nullptr) return 0;
    offset settled = 0, outputs = 0;
    while (settled < inputs && input->released.contains(settled + 1)) ++settled;
    for (const kept_record& one : all_records(disk)) outputs += one.stream == stream_b ? 1u : 0u;
    REQUIRE(outputs == 2 * settled);
    const auto position = input->delivery.positions().find("worker");
    const bool is_known = position != input->delivery.positions().end();
    REQUIRE((is_known ? position->second.next : 1) == settled + 1);
    return settled;
}

// Returns how many calls it made.
std::uint64_t run(std::uint64_t crash_at, loss how) {
    stopped_time time;
    counted_random random;
    auto disk = std::make_unique<sim_disk>();
    disk->crash_at = crash_at;
    offset confirmed = 0;
    if (auto opened = open_on(*disk, small, time, random)) confirmed = work(*opened);
    const std::uint64_t calls = disk->calls;
    std::mt19937_64 draws{crash_at};
    disk = disk->after_crash(draws, how);
    const auto again = open_on(*disk, small, time, random);
    if (!again) FAIL(again.error().what());
    REQUIRE(whole_commits(*disk, again->writer->state()) >= confirmed);
    return calls;
}

}  // namespace

TEST_CASE(
    "RELIABILITY 8: outputs, a position and settlements that are one entry are all there after a crash, or none") {
    const std::uint64_t calls = run(0, loss::none);
    REQUIRE(calls > 20);
    sample some;
    for (std::uint64_t at = 1; at <= calls; ++at) {
        for (const loss how : losses) {
            if (!some.takes()) continue;
            CAPTURE(at, how);
            run(at, how);
        }
    }
}
