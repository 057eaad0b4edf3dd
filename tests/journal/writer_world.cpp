#include "journal/writer_world.hpp"

#include "journal/segment_ends.hpp"
#include "journal/segment_writer.hpp"

namespace journal_tests {

batch_ref batch_of(stream_id stream, const std::vector<kept_record>& records) {
    batch_builder builder{stream};
    for (const kept_record& one : records) {
        if (one.stream == stream) builder.add_body(one.at, godwit::as_bytes(one.body), SIZE_MAX);
    }
    return builder.seal({});
}

namespace {

std::vector<kept_record> records_of(sim_disk& disk, bool copies) {
    std::vector<kept_record> all;
    const auto where = disk.open();
    for (const std::string& name : disk.names()) {
        std::uint64_t number = 0;
        if (!is_segment_name(name, number)) continue;
        const auto opened = where->open(name, file_use::read).value();
        std::array<std::byte, journal_format::header_bytes> start{};
        if (opened->read(0, start).value() < start.size()) continue;
        const auto header = decode_header(start).value();
        segment_walk walk{*opened, header, start.size(), opened->size().value()};
        walk.expect(header.first, header.seed);
        decoded_entry each;
        while (walk.next().value() == segment_walk::found::entry) {
            each.head = walk.head();
            decode_content(walk.whole(), each).value();
            if (is_carried(each) != copies) continue;
            for (const batch_view& batch : each.batches) {
                record_view record;
                for (std::uint32_t position = batch.begin_position(); batch.next(position, record);)
                    all.push_back({batch.stream(), record.at, std::string{godwit::as_text(record.body)}});
            }
        }
    }
    return all;
}

}  // namespace

std::vector<kept_record> all_records(sim_disk& disk) { return records_of(disk, false); }
std::vector<kept_record> copied_records(sim_disk& disk) { return records_of(disk, true); }

result<open_writer> open_on(sim_disk& disk, const journal_limits& limits, stopped_time& time, counted_random& random) {
    open_writer made;
    made.where = disk.open();
    auto locked = made.where->lock("lock");
    if (!locked) return locked.error();
    auto writer = journal_writer::open(*made.where, limits, {time, random});
    if (!writer) return writer.error();
    made.writer = std::move(*writer);
    return made;
}

}  // namespace journal_tests
