// writer_world: a journal_writer over a simulated disk, with what it was asked to keep, and a reader of all that is there.
#pragma once
#include <chrono>
#include <set>

#include "journal/journal_writer.hpp"
#include "journal/segment_walk.hpp"
#include "journal/sim_directory.hpp"

namespace journal_tests {

using namespace godwit::detail;
using godwit::offset;
using godwit::offset_range;
using godwit::stream_id;

class stopped_time final : public time_source {
public:
    steady_time now() noexcept override { return steady_time{} + std::chrono::milliseconds{ms}; }
    wall_time wall() noexcept override { return wall_time{} + std::chrono::milliseconds{ms}; }
    std::int64_t ms = 1'700'000'000'000;
};
class counted_random final : public random_source {
public:
    std::uint64_t draw() noexcept override { return ++last * 0x9e3779b97f4a7c15; }
    std::uint64_t last = 0;
};

inline constexpr stream_id stream_a{1, 1}, stream_b{1, 2};

struct kept_record {
    stream_id stream;
    offset at = 0;
    std::string body;
    friend auto operator<=>(const kept_record&, const kept_record&) = default;
};

batch_ref batch_of(stream_id stream, const std::vector<kept_record>& records);  // those of the stream

// All records in the segments of a disk where they first came, in the order in which they stand there.
std::vector<kept_record> all_records(sim_disk& disk);
std::vector<kept_record> copied_records(sim_disk& disk);  // those that were carried

struct open_writer {
    std::unique_ptr<directory> where;
    std::unique_ptr<journal_writer> writer;
};
result<open_writer> open_on(sim_disk& disk, const journal_limits& limits, stopped_time& time, counted_random& random);

}  // namespace journal_tests
