// Batches from a peer or a file: what check() lets pass can be walked, cut, held and kept, and comes out a batch again.
#include <cstring>
#include <string>
#include <vector>

#include "base/held_batch.hpp"
#include "base/memory_log.hpp"
#include "require.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

constexpr std::size_t record_bytes_max = 1u << 20;

bool inside(bytes part, bytes whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

std::vector<offset> walk(const batch_view& batch) {
    std::vector<offset> offsets;
    record_view record;
    for (std::uint32_t position = batch.begin_position(); batch.next(position, record);) {
        require(inside(record.whole, batch.data()), "a record lies in its batch");
        require(inside(record.body, record.whole) && inside(as_bytes(record.key), record.whole), "and its parts in it");
        require(inside(as_bytes(record.topic), batch.data()), "a topic lies in the batch");
        for (std::size_t i = 0; i < record.header_count(); ++i) {
            require(inside(as_bytes(record.header_at(i).name), record.headers), "a header's name lies in the headers");
            require(inside(as_bytes(record.header_at(i).value), record.headers), "and its value");
        }
        require(record.has_times == record.times().any(), "times are there, or not");
        require(record.priority <= priority_max, "a priority is one of ten");
        offsets.push_back(record.at);
    }
    return offsets;
}

void cut_and_check(const batch_view& batch, const std::vector<offset>& offsets, std::uint8_t choice) {
    std::vector<offset_range> wanted;
    std::vector<offset> expected;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        if ((choice >> i % 8 & 1) == 0) continue;
        wanted.push_back({offsets[i], offsets[i]});
        expected.push_back(offsets[i]);
    }
    const batch_ref made = cut(batch, wanted);
    require(made.empty() == expected.empty(), "a cut of nothing is empty");
    if (made.empty()) return;
    const auto checked = batch_view::check(made.view.data(), record_bytes_max);
    require(checked.has_value(), "a cut is a batch");
    require(walk(*checked) == expected, "of what was wanted");
}

void hold_all(const batch_view& batch) {
    batch_ref copy{message{batch.data()}, {}};
    copy.view = batch_view::trusted(copy.holder.body());
    held_batch* const held = hold(std::move(copy));
    record_view record;
    for (std::uint32_t position = batch_header_bytes; held->batch.view.next(position, record);) {
        add_references(*held, 1);
        const message made = make_message(*held, record);
        const message again{made};
        require(again.topic() == record.topic && again.key() == record.key, "the message says what the record says");
        require(again.header_count() == record.header_count() && as_text(again.body()) == as_text(record.body),
                "all of it");
    }
    release_references(held, 1);
}

void keep(const batch_view& batch, const std::vector<offset>& offsets) {
    const auto log = make_memory_log();
    batch_ref copy{message{batch.data()}, {}};
    copy.view = batch_view::trusted(copy.holder.body());
    entry kept;
    kept.batches.push_back(std::move(copy));
    log_ticket ticket;
    require(log->append(std::move(kept), stage::accepted, ticket) == log_answer::done, "it is kept");
    for (const offset at : offsets) {
        require(log->first(batch.stream()) == at, "released in order, the next one is the first");
        const offset_range gone{at, at};
        log->release(batch.stream(), {&gone, 1});
    }
    require(batch.codec() != 0 || log->bytes_used() == 0, "released all, nothing is left");
}

}  // namespace

// The first byte: which records a cut takes. Then the batch, whose length and checksum are made right, so that what
// stands behind them is reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input from{data, size};
    const std::uint8_t choice = from.byte();
    std::string text{from.rest()};
    (void)batch_view::check(as_bytes(text), record_bytes_max);
    if (text.size() >= batch_header_bytes) {
        const auto length = static_cast<std::uint32_t>(text.size());
        std::memcpy(text.data() + batch_format::bytes_at, &length, sizeof length);
        batch_format::sign(reinterpret_cast<std::byte*>(text.data()), text.size());
    }
    const auto checked = batch_view::check(as_bytes(text), record_bytes_max);
    if (!checked) return 0;
    const std::vector<offset> offsets = walk(*checked);
    require(checked->codec() != 0 || offsets.size() == checked->count(), "as many as it says");
    cut_and_check(*checked, offsets, choice);
    hold_all(*checked);
    keep(*checked, offsets);
    return 0;
}
