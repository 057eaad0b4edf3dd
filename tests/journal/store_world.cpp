#include "journal/store_world.hpp"

namespace journal_tests {

appended append(journal_store& to, stream_id stream, std::string_view body, stage wanted) {
    const record_parts one{.body = godwit::as_bytes(body)};
    log_ticket ticket;
    const auto taken = to.submit_next(stream, {&one, 1}, wanted, ticket);
    if (!taken) return {std::nullopt, taken.error()};
    if (wanted == stage::accepted) return {*taken, {}};
    return {*taken, to.wait(ticket, wanted, std::chrono::steady_clock::time_point::max())};
}

std::vector<kept_record> all_of(journal_store& in, stream_id stream) {
    std::vector<kept_record> all;
    for (offset from = 0;;) {
        const read_batch got = in.read_now(stream, from).value();
        if (got.answer != log_answer::done) return all;
        record_view record;
        for (std::uint32_t position = got.batch.view.begin_position(); got.batch.view.next(position, record);) {
            if (record.at >= from && !in.is_released(stream, record.at))
                all.push_back({stream, record.at, std::string{godwit::as_text(record.body)}});
        }
        from = got.batch.view.last() + 1;
    }
}

}  // namespace journal_tests
