#include "base/memory_log.hpp"

#include <set>

#include "base/batch_parts.hpp"
#include "conformance/record_log_suite.hpp"
#include "test_main.hpp"

using namespace batches;
using record_log_suite::count_up;

namespace {

entry entry_of(batch_ref batch) {
    entry made;
    made.batches.push_back(std::move(batch));
    return made;
}

log_answer append(record_log& log, batch_ref batch) {
    log_ticket ticket;
    return log.append(entry_of(std::move(batch)), godwit::stage::accepted, ticket);
}

void release(record_log& log, offset_range settled) { log.release(stream, {&settled, 1}); }

}  // namespace

TEST_CASE("the memory log is a record_log") {
    record_log_suite::run([](std::uint64_t bytes_max) { return make_memory_log({bytes_max}); });
}

TEST_CASE("a record that stays long does not keep its batch's memory") {
    const auto log = make_memory_log();
    REQUIRE(append(*log, batch_of(count_up(0, 999), 100)) == log_answer::done);
    const std::uint64_t before = log->bytes_used();
    release(*log, {0, 499});
    release(*log, {501, 999});
    CHECK(log->bytes_used() < before / 50);
    const read_batch left = log->read(stream, 0);
    REQUIRE(left.answer == log_answer::done);
    CHECK(offsets_of(left.batch.view) == std::vector<offset>{500});
    CHECK(batch_view::check(left.batch.view.data(), no_limit));
}

TEST_CASE("small records beside a large one that is released do not keep its memory") {
    const auto log = make_memory_log();
    std::vector<owned_record> records;
    for (const offset at : count_up(0, 99)) records.push_back({.at = at, .body = "small"});
    records[50].body.assign(1u << 20, 'x');
    REQUIRE(append(*log, batch_of(records)) == log_answer::done);
    release(*log, {50, 50});
    CHECK(log->bytes_used() < 10'000);
    CHECK(log->first(stream) == 0);
}

TEST_CASE("the memory log holds what is not released, whatever is released when") {
    for (std::uint32_t seed = 1; seed <= 60; ++seed) {
        generator random{seed};
        const auto log = make_memory_log();
        std::set<offset> live;
        offset next = 0;
        for (int step = 0; step < 120; ++step) {
            if (random.below(3) == 0) {
                std::vector<owned_record> records = random.records(60);
                for (owned_record& each : records) each.at += next, live.insert(each.at);
                next = records.back().at + 1;
                REQUIRE(append(*log, batch_of(records)) == log_answer::done);
            } else {
                const offset first = random.below(next + 1);
                const offset_range range{first, first + random.below(random.below(4) == 0 ? 2000 : 40)};
                release(*log, range);
                live.erase(live.lower_bound(range.first), live.upper_bound(range.last));
            }
            const offset from = random.below(next + 2);
            const auto expected = live.lower_bound(from);
            const read_batch got = log->read(stream, from);
            REQUIRE((got.answer == log_answer::done) == (expected != live.end()));
            if (expected != live.end()) {
                record_view found;
                REQUIRE(got.batch.view.find(*expected, found));
            }
            REQUIRE(log->first(stream) == (live.empty() ? next : *live.begin()));
            REQUIRE(log->next_offset(stream) == next);
        }
        if (next > 0) release(*log, {0, next});
        CHECK(log->bytes_used() == 0);
    }
}

TEST_CASE("an encoded batch is kept until all its offsets are released") {
    std::string data{as_text(batch_of({5, 6, 7}).view.data())};
    const std::uint32_t record_bytes = static_cast<std::uint32_t>(data.size()) - 64;
    std::memcpy(data.data() + batch_format::encoded_size_at, &record_bytes, sizeof record_bytes);
    data[batch_format::codec_at] = 1;
    batch_ref encoded{godwit::message{as_bytes(data)}, {}};
    encoded.view = batch_view::trusted(encoded.holder.body());
    const auto log = make_memory_log();
    REQUIRE(append(*log, encoded) == log_answer::done);
    release(*log, {5, 6});
    CHECK(log->first(stream) == 7);
    CHECK(log->read(stream, 0).answer == log_answer::done);
    release(*log, {7, 7});
    CHECK(log->read(stream, 0).answer == log_answer::released);
    CHECK(log->bytes_used() == 0);
}

TEST_CASE("an entry of notes is taken by a full log") {
    const auto log = make_memory_log({.bytes_max = 1});
    REQUIRE(append(*log, batch_of(count_up(1, 1))) == log_answer::done);
    REQUIRE(append(*log, batch_of(count_up(2, 2))) == log_answer::full);
    log_ticket ticket;
    entry notes;
    notes.notes.push_back({note::kind::attempt, stream, "1"});
    CHECK(log->append(std::move(notes), godwit::stage::accepted, ticket) == log_answer::done);
}
