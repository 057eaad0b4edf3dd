// RELIABILITY rows 1, 3 to 6, 12 to 17: a writer over a simulated disk is stopped at each of its calls, what was not synced
// is lost, reordered or torn, and what is recovered is judged by what was confirmed; up to three crashes deep.
#include <algorithm>

#include "journal/writer_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;

namespace {

constexpr journal_limits small{.bytes_max = 1u << 20, .segment_bytes = 4096};

class history {
public:
    // What a writer does, until the disk crashes. Returns at the first call that fails.
    status work(journal_writer& on, std::mt19937_64& random, int steps);
    // After recovery: what must hold, and what is gone is forgotten.
    void judge(sim_disk& disk, const journal_writer& recovered);

    std::uint64_t records() const { return appended_.size(); }

private:
    status append(journal_writer& on, std::mt19937_64& random);
    status release(journal_writer& on, std::mt19937_64& random);

    std::vector<kept_record> appended_;
    std::size_t confirmed_ = 0;
    std::set<kept_record> released_;
    std::map<stream_id, offset> given_;  // the next that may be given
    std::uint64_t made_ = 0;
};

status history::append(journal_writer& on, std::mt19937_64& random) {
    entry one;
    std::vector<kept_record> added;
    for (const stream_id stream : {stream_a, stream_b}) {
        if (random() % 3 == 0) continue;
        const stream_state* const known = on.state().find(stream);
        offset next = std::max(given_[stream], known != nullptr ? known->next : 0);
        std::vector<kept_record> records;
        const int count = 1 + static_cast<int>(random() % 3);
        for (int i = 0; i < count; ++i) {
            const std::size_t size = random() % 8 == 0 ? 1500 : random() % 60;
            records.push_back({stream, next++, std::to_string(++made_) + std::string(size, 'x')});
        }
        given_[stream] = next;
        one.batches.push_back(batch_of(stream, records));
        added.insert(added.end(), records.begin(), records.end());
    }
    appended_.insert(appended_.end(), added.begin(), added.end());
    std::vector<journal_writer::placed> where;
    return on.append({&one, 1}, where).why;
}

status history::release(journal_writer& on, std::mt19937_64& random) {
    if (appended_.empty()) return {};
    const std::size_t first = random() % appended_.size(), last = std::min(first + random() % 12, appended_.size() - 1);
    entry said;
    for (std::size_t i = first; i <= last; ++i) {
        const kept_record& one = appended_[i];
        released_.insert(one);
        const offset_range range{one.at, one.at};
        said.notes.push_back(note_of(note::kind::settlement, one.stream, ranges_as_bytes({&range, 1})));
    }
    std::vector<journal_writer::placed> where;
    return on.append({&said, 1}, where).why;
}

status history::work(journal_writer& on, std::mt19937_64& random, int steps) {
    for (int i = 0; i < steps; ++i) {
        status done;
        switch (random() % 8) {
            case 0:
            case 1:
            case 2:
            case 3:
                done = append(on, random);
                break;
            case 4:
                if (const std::size_t so_far = appended_.size(); (done = on.sync())) confirmed_ = so_far;
                break;
            case 5:
                done = release(on, random);
                break;
            case 6:
                done = on.trim();
                break;
            default:
                if (const std::size_t so_far = appended_.size(); (done = on.mark())) confirmed_ = so_far;
                break;
        }
        if (!done) return done;
    }
    return {};
}

void history::judge(sim_disk& disk, const journal_writer& recovered) {
    const std::vector<kept_record> found = all_records(disk);
    std::size_t at = 0, next_found = 0;
    std::vector<kept_record> left;
    for (; at < appended_.size(); ++at) {
        const bool is_there = next_found < found.size() && found[next_found] == appended_[at];
        if (is_there) {
            const stream_state* const state = recovered.state().find(appended_[at].stream);
            REQUIRE(state != nullptr);
            if (!released_.contains(appended_[at])) REQUIRE_FALSE(state->released.contains(appended_[at].at));
            ++next_found;
            left.push_back(appended_[at]);
            continue;
        }
        INFO("record " << at << " of " << appended_.size() << ", offset " << appended_[at].at);
        if (released_.contains(appended_[at])) continue;
        // Lost: nothing behind it may be there, and it was never confirmed.
        REQUIRE(at >= confirmed_);
        REQUIRE(next_found == found.size());
    }
    REQUIRE(next_found == found.size());  // else: a phantom, a copy, or a swap
    for (const auto& [stream, next] : given_) {
        const stream_state* const state = recovered.state().find(stream);
        if (state != nullptr && next > 0 &&
            std::ranges::any_of(left, [&](const auto& one) { return one.stream == stream; }))
            REQUIRE(state->next >= next);
    }
    appended_ = std::move(left);
    confirmed_ = appended_.size();  // recovery has made it durable
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t slowness = 10;
#else
constexpr std::uint64_t slowness = 1;
#endif

// One life after the other on one disk; each but the last is stopped at a call of its own.
void run(std::uint64_t seed, int lives, std::uint64_t crash_at, loss how) {
    std::mt19937_64 random{seed};
    stopped_time time;
    counted_random draws;
    draws.last = seed;
    history told;
    auto disk = std::make_unique<sim_disk>();
    for (int life = 0; life < lives; ++life) {
        disk->crash_at = life == 0 ? crash_at : 1 + random() % 60;
        time.ms += 1000;
        if (auto opened = open_on(*disk, small, time, draws)) {
            if (!disk->crashed()) told.judge(*disk, *opened->writer);
            (void)told.work(*opened->writer, random, 30);
            if (!disk->crashed() && random() % 3 == 0) (void)opened->writer->close();
        } else {
            INFO(opened.error().what());
            REQUIRE(disk->crashed());
        }
        disk = disk->after_crash(random, how);
    }
    auto opened = open_on(*disk, small, time, draws);
    if (!opened) FAIL(opened.error().what());
    told.judge(*disk, *opened->writer);
    opened->writer->close().value();
}

}  // namespace

#define AFTER_EACH_LOSS_AS(body, claim)                                  \
    static void body(loss how);                                          \
    TEST_CASE(claim " - all is lost") { body(loss::all); }               \
    TEST_CASE(claim " - none is lost") { body(loss::none); }             \
    TEST_CASE(claim " - the newest are lost") { body(loss::suffix); }    \
    TEST_CASE(claim " - any are lost") { body(loss::any); }              \
    TEST_CASE(claim " - writes are torn") { body(loss::torn); }          \
    TEST_CASE(claim " - sizes without data") { body(loss::sizes_only); } \
    static void body([[maybe_unused]] loss how)
#define AFTER_EACH_LOSS_AT(line, claim) AFTER_EACH_LOSS_IN(line, claim)
#define AFTER_EACH_LOSS_IN(line, claim) AFTER_EACH_LOSS_AS(after_loss_##line, claim)
#define AFTER_EACH_LOSS(claim) AFTER_EACH_LOSS_AT(__LINE__, claim)

TEST_CASE("what a writer without a crash has kept is there when it is opened again, clean or not") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        run(seed, 2, 0, loss::none);
    }
}

AFTER_EACH_LOSS(
    "RELIABILITY 1, 3, 12 to 17: stopped at any call, a journal has all that was confirmed, and else a prefix") {
    for (std::uint64_t seed = 1; seed <= 200 / slowness; ++seed) {
        for (std::uint64_t crash_at = 1; crash_at <= 60; ++crash_at) {
            CAPTURE(seed, crash_at);
            run(seed, 1, crash_at, how);
        }
    }
}

AFTER_EACH_LOSS("RELIABILITY 5, 6: recovery that is stopped itself, and writing after it, three deep, lose nothing") {
    for (std::uint64_t seed = 1; seed <= 4000 / slowness; ++seed) {
        CAPTURE(seed);
        run(seed, 4, 1 + seed % 80, how);
    }
}
