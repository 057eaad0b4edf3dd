// repair_journal: what can be read of a damaged journal becomes a new one.
#include "base/batch_builder.hpp"
#include "godwit/journal_copies.hpp"
#include "journal/journal_store.hpp"
#include "journal/record_cursor.hpp"

namespace godwit {

namespace {

using detail::entry;
using detail::journal_store;
using detail::note;

constexpr std::size_t batch_bytes = 256u << 10;
constexpr std::uint64_t no_limit = std::uint64_t{1} << 50;
constexpr std::uint64_t segment_bytes = 64u << 20;
constexpr offset epoch_step = offset{1} << 32;  // above what may have been given, and is lost with its record

class repairing {
public:
    repairing(std::shared_ptr<detail::journal_sight> from, std::shared_ptr<journal_store> to) noexcept
        : from_{std::move(from)}, to_{std::move(to)} {}

    result<journal_repair> run() {
        detail::record_cursor cursor{from_, {.past_damage = true}, {.segment = from_->lowest()}};
        detail::found_record each;
        for (;;) {
            const auto found = cursor.next(each);
            if (!found) return found.error();
            if (!*found) break;
            if (auto taken = take(each); !taken) return taken.error();
        }
        for (auto& [stream, batch] : open_) {
            if (auto kept = keep(batch); !kept) return kept.error();
        }
        if (auto kept = keep_notes(); !kept) return kept.error();
        count_lost();
        return done_;
    }

private:
    status take(const detail::found_record& one) {
        const detail::record_view& record = one.record;
        std::vector<header> headers;
        for (std::size_t i = 0; i < record.header_count(); ++i) headers.push_back(record.header_at(i));
        const detail::record_parts parts{record.topic, record.key,      headers,
                                         record.body,  record.priority, record.times()};
        detail::batch_builder& batch = open_.try_emplace(one.stream, one.stream).first->second;
        if (!batch.add(record.at, parts, batch_bytes)) {
            if (auto kept = keep(batch); !kept) return kept;
            batch.add(record.at, parts, batch_bytes);
        }
        ++done_.records;
        return {};
    }

    status keep(detail::batch_builder& batch) {
        if (batch.empty()) return {};
        entry what;
        what.batches.push_back(batch.seal(detail::system_time().wall()));
        return keep(std::move(what), stage::stored);
    }

    status keep(entry&& what, stage wanted) {
        detail::log_ticket ticket;
        if (to_->submit(std::move(what), wanted, nullptr, ticket) == detail::log_answer::full)
            return error{errc::full, "the repaired journal"};
        return to_->wait(ticket, wanted, journal_store::clock::time_point::max());
    }

    status keep_notes() {
        entry what;
        for (const auto& [id, state] : from_->state().streams()) {
            if (!state.name.empty()) what.notes.push_back(note_of(note::kind::stream, id, state.name));
            what.notes.push_back(
                note_of(note::kind::epoch, id, detail::offset_as_bytes(std::min(state.next + epoch_step, offset_max))));
            if (state.given_up_below > 0)
                what.notes.push_back(note_of(note::kind::given_up, id, detail::offset_as_bytes(state.given_up_below)));
            state.delivery.append_to(what.notes, id);
        }
        return what.empty() ? status{} : keep(std::move(what), stage::durable);
    }

    void count_lost() {
        std::uint64_t live = 0;
        for (const auto& [id, state] : from_->state().streams()) {
            if (state.next <= 1) continue;  // offset 0 is never given
            state.released.for_each_missing_in({1, state.next - 1}, [&](offset_range part) { live += part.count(); });
        }
        done_.lost = live - std::min(live, done_.records);
    }

    const std::shared_ptr<detail::journal_sight> from_;
    const std::shared_ptr<journal_store> to_;
    std::map<stream_id, detail::batch_builder> open_;
    journal_repair done_;
};

}  // namespace

result<journal_repair> repair_journal(const std::filesystem::path& from, const std::filesystem::path& to) {
    auto source = detail::open_directory(from, false);
    if (!source) return source.error();
    auto sight = detail::journal_sight::open(std::move(*source));
    if (!sight) return sight.error();
    if ((*sight)->is_written()) return error{errc::locked, from.string(), "close it first"};
    std::error_code failed;
    if (std::filesystem::exists(to, failed))
        return error{errc::already_exists, to.string(), "name a directory that is not there"};
    auto target = detail::open_directory(to, true);
    if (!target) return target.error();
    const detail::journal_store_options options{.limits = {no_limit, segment_bytes}, .reaches = stage::stored};
    auto store = journal_store::open(std::move(*target), options, {detail::system_time(), detail::system_random()});
    if (!store) return store.error();
    auto done = repairing{*sight, *store}.run();
    auto closed = (*store)->close();
    if (done && !closed) done = closed.error();
    if (!done) std::filesystem::remove_all(to, failed);
    return done;
}

}  // namespace godwit
