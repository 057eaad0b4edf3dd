// store_world: a journal_store over a simulated disk, as one thread sees it that waits for each record.
#pragma once
#include "journal/journal_store.hpp"
#include "journal/writer_world.hpp"

namespace journal_tests {

using godwit::stage;

class store_world {
public:
    // Small segments, so that a short life has several of them.
    journal_store_options options{.limits = {.bytes_max = 1u << 20, .segment_bytes = 4096}};

    result<std::shared_ptr<journal_store>> open(sim_disk& disk) {
        time_.ms += 1000;
        return journal_store::open(disk.open(), options, {time_, draws_});
    }

private:
    stopped_time time_;
    counted_random draws_;
};

// What became of an append: `at` is nothing where it was not even taken.
struct appended {
    std::optional<offset> at;
    status kept;
};
appended append(journal_store& to, stream_id stream, std::string_view body, stage wanted = stage::durable);

// All that a reader of the stream is given, from its beginning.
std::vector<kept_record> all_of(journal_store& in, stream_id stream);

// Until it holds, or is late.
template <class Claim>
bool eventually(const Claim& claim) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!claim()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::yield();
    }
    return true;
}

}  // namespace journal_tests
