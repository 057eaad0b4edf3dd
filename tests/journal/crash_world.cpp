#include "journal/crash_world.hpp"

#include <algorithm>

#include "journal/record_cursor.hpp"
#include "journal/segment_reading.hpp"

namespace journal_tests {

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
        one.batches.push_back(batch_of(stream, records));
        added.insert(added.end(), records.begin(), records.end());
    }
    std::vector<journal_writer::placed> where;
    auto done = on.append({&one, 1}, where).why;
    if (done.failed(errc::full)) return {};  // nothing of it was taken: it must never be there
    for (const kept_record& each : added) given_[each.stream] = each.at + 1;
    appended_.insert(appended_.end(), added.begin(), added.end());
    return done;
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

// What is live in some of the oldest segments, as a journal does it where that is little.
status history::carry(open_writer& on, std::mt19937_64& random) {
    const auto& sealed = on.writer->sealed();
    const std::size_t count = std::min<std::size_t>(sealed.size(), 1 + random() % 3);
    std::vector<dated_batch> copies;
    for (const known_segment& from : std::span{sealed}.first(count)) {
        const std::uint64_t number = from.header.number;
        for (const footer_row& row : from.footer.rows) {
            const stream_state* const of = on.writer->state().find(row.stream);
            if (of == nullptr) continue;
            const auto read = read_segment(*on.where, {number, 0}, row.stream, 0, SIZE_MAX);
            if (!read.why) return read.why;
            for (const dated_batch& one : read.wanted) {
                const batch_view& view = one.batch.view;
                const auto live = of->carried.live_in(number, {view.first(), view.last()}, of->released);
                if (!live.empty()) copies.push_back({cut(view, live), one.when});
            }
        }
    }
    if (copies.empty()) return {};
    const entry made = carried_entry(std::move(copies));
    std::vector<journal_writer::placed> where;
    auto done = on.writer->append({&made, 1}, where).why;
    if (done) ++carried_;
    return done.failed(errc::full) ? status{} : done;
}

status history::work(open_writer& open, std::mt19937_64& random, int steps) {
    journal_writer& on = *open.writer;
    for (int i = 0; i < steps; ++i) {
        status done;
        switch (random() % 9) {
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
            case 7:
                done = carry(open, random);
                break;
            default:
                if (const std::size_t so_far = appended_.size(); (done = on.mark())) confirmed_ = so_far;
                break;
        }
        if (!done && !done.failed(errc::full)) return done;
    }
    return {};
}

std::vector<bool> history::which_are_there(sim_disk& disk, breaches& counts) const {
    std::map<std::pair<stream_id, offset>, std::size_t> places;
    for (std::size_t i = 0; i < appended_.size(); ++i) places[{appended_[i].stream, appended_[i].at}] = i;
    std::vector<bool> is_there(appended_.size(), false);
    std::size_t behind = 0;
    for (const kept_record& one : all_records(disk)) {
        const std::string words = "offset " + std::to_string(one.at);
        const auto place = places.find({one.stream, one.at});
        if (place == places.end() || is_there[place->second]) {
            counts.count(counts.phantom, words + " was not appended, or is there twice");
            continue;
        }
        if (appended_[place->second].body != one.body) counts.count(counts.corrupted, words + " has another content");
        if (place->second < behind) counts.count(counts.reordered, words + " stands behind a later one");
        behind = place->second;
        is_there[place->second] = true;
    }
    for (const kept_record& one : copied_records(disk)) {
        const auto place = places.find({one.stream, one.at});
        const std::string words = "the copy of offset " + std::to_string(one.at);
        if (place == places.end()) {
            counts.count(counts.phantom, words + " is of none that was appended");
        } else if (appended_[place->second].body != one.body) {
            counts.count(counts.corrupted, words + " has another content");
        } else {
            is_there[place->second] = true;
        }
    }
    return is_there;
}

void history::judge_reading(sim_disk& disk, const journal_writer& recovered, const std::vector<bool>& is_there,
                            breaches& counts) const {
    std::map<std::pair<stream_id, offset>, std::string> expected;
    for (std::size_t i = 0; i < appended_.size(); ++i) {
        const kept_record& one = appended_[i];
        const stream_state* const of = recovered.state().find(one.stream);
        if (of == nullptr || of->released.contains(one.at)) continue;
        const std::string words = "record " + std::to_string(i) + " of " + std::to_string(appended_.size());
        if (!is_there[i]) counts.count(counts.lost, words + " is gone, and nothing says that it was settled");
        expected[{one.stream, one.at}] = one.body;
    }
    const auto sight = journal_sight::open(disk.open());
    if (!sight) return counts.count(counts.unopened, sight.error().what());
    record_cursor cursor{*sight, {}, {.segment = (*sight)->lowest()}};
    std::map<stream_id, offset> next;
    found_record each;
    for (;;) {
        const auto found = cursor.next(each);
        if (!found) return counts.count(counts.lost, found.error().what());
        if (!*found) break;
        const std::string words = "offset " + std::to_string(each.record.at) + " as it is read";
        if (each.record.at < next[each.stream]) counts.count(counts.reordered, words + " comes late, or again");
        next[each.stream] = each.record.at + 1;
        const auto known = expected.find({each.stream, each.record.at});
        if (known == expected.end()) {
            counts.count(counts.phantom, words);
        } else {
            if (known->second != godwit::as_text(each.record.body)) counts.count(counts.corrupted, words);
            expected.erase(known);
        }
    }
    for (const auto& [place, body] : expected)
        counts.count(counts.lost, "offset " + std::to_string(place.second) + " is not read");
}

void history::judge(sim_disk& disk, const journal_writer& recovered, breaches& found) {
    const std::vector<bool> is_there = which_are_there(disk, found);
    judge_reading(disk, recovered, is_there, found);
    const auto last = std::find(is_there.rbegin(), is_there.rend(), true);
    const auto end = static_cast<std::size_t>(is_there.rend() - last);
    std::vector<kept_record> left;
    for (std::size_t at = 0; at < appended_.size(); ++at) {
        const kept_record& one = appended_[at];
        const stream_state* const state = recovered.state().find(one.stream);
        const std::string words = "record " + std::to_string(at) + " of " + std::to_string(appended_.size());
        const bool forgotten = is_there[at] && (state == nullptr || state->released.contains(one.at));
        if (is_there[at]) left.push_back(one);
        if (released_.contains(one)) continue;
        if (forgotten) found.count(found.lost, words + " is there, and taken for settled");
        if (!is_there[at] && at < confirmed_) found.count(found.lost, words + " was confirmed");
        if (!is_there[at] && at >= confirmed_ && at < end) found.count(found.lost, words + " leaves a hole");
    }
    for (const auto& [stream, next] : given_) {
        const stream_state* const state = recovered.state().find(stream);
        const bool any = std::ranges::any_of(left, [&](const auto& one) { return one.stream == stream; });
        if (any && (state == nullptr || state->next < next))
            found.count(found.given_again, "below offset " + std::to_string(next));
    }
    appended_ = std::move(left);
    confirmed_ = appended_.size();  // recovery has made it durable
}

void run(const crash_plan& plan, crash_counts& counts) {
    std::mt19937_64 random{plan.seed};
    stopped_time time;
    counted_random draws;
    draws.last = plan.seed;
    history told;
    auto disk = std::make_unique<sim_disk>();
    disk->fail_at = plan.full_at;
    disk->fail_with = errc::full;
    for (int life = 0; life <= plan.lives; ++life) {
        const bool is_last = life == plan.lives;
        if (!is_last) disk->crash_at = life == 0 ? plan.crash_at : 1 + random() % 60;
        time.ms += 1000;
        ++counts.lives;
        auto opened = open_on(*disk, small_segments, time, draws);
        if (opened && !disk->crashed()) {
            told.judge(*disk, *opened->writer, counts.found);
            if (life > 0) ++counts.states;
        }
        if (!opened && !disk->crashed() && disk->fail_at == 0)
            counts.found.count(counts.found.unopened, opened.error().what());
        const bool works = opened && (is_last || told.work(*opened, random, 30));
        if (works && !disk->crashed() && (is_last || random() % 3 == 0)) (void)opened->writer->close();
        opened = errc::closed;
        disk = disk->after_crash(random, plan.how);
    }
    counts.carried += told.carried();
}

}  // namespace journal_tests
