#include "godwit/journal.hpp"

#include <algorithm>

#include "base/file_system_kind.hpp"
#include "base/message_of.hpp"
#include "journal/journal_store.hpp"

namespace godwit {

namespace {

using detail::journal_store;
using detail::log_answer;

constexpr std::uint64_t bytes_max_least = 64u << 10;
constexpr std::uint64_t bytes_max_most = std::uint64_t{1} << 50;
constexpr std::uint64_t segment_least = 4u << 10;
constexpr std::uint64_t segment_most = std::uint64_t{64} << 30;

status within(std::string_view name, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
    if (value >= least && value <= most) return {};
    return error{errc::invalid_argument, std::string{name} + " = " + std::to_string(value),
                 std::to_string(least) + " to " + std::to_string(most) + " bytes"};
}

status check(const journal_options& options) {
    if (auto fits = within("bytes_max", options.bytes_max, bytes_max_least, bytes_max_most); !fits) return fits;
    if (auto fits = within("segment_bytes", options.segment_bytes, segment_least, segment_most); !fits) return fits;
    if (options.confirm == stage::stored || options.confirm == stage::durable) return {};
    return error{errc::invalid_argument, "confirm", "stored or durable"};
}

error no_durable(std::string_view what, std::string_view file_system) {
    return error{errc::unsupported, std::string{what} + ": durable on " + std::string{file_system},
                 "a sync there survives no power cut: ask for stored, or set durable_anywhere"};
}

journal_recovery report_of(const journal_store& store) {
    const auto& found = store.recovered();
    journal_recovery report;
    report.is_new = found.segments.empty();
    report.clean = found.clean;
    report.epoch = store.epoch();
    report.segments = found.segments.size();
    report.cut_bytes = found.cut_bytes;
    report.kept_as = found.kept_as;
    return report;
}

}  // namespace

struct journal::state {
    std::shared_ptr<journal_store> store;
    journal_recovery report;
    bool may_promise_durable = true;
};

struct journal_stream::state {
    std::shared_ptr<journal_store> store;
    bool may_promise_durable = true;
    stream_id id;
    std::string name;
};

journal::journal(std::shared_ptr<state> opened) noexcept : state_{std::move(opened)} {}
journal::journal(journal&&) noexcept = default;
journal& journal::operator=(journal&& other) noexcept {
    state_.swap(other.state_);
    return *this;
}
journal::~journal() {
    if (state_ != nullptr) (void)close();
}

result<journal> journal::open(const std::filesystem::path& directory, const journal_options& options) {
    if (auto fits = check(options); !fits) return fits.error();
    const auto on = detail::file_system_at(directory);
    if (!on) return on.error();
    const bool may_promise_durable = !on->loses_synced || options.durable_anywhere;
    if (!may_promise_durable && options.confirm == stage::durable) return no_durable(directory.string(), on->name);
    auto where = detail::open_directory(directory, true);
    if (!where) return where.error();
    detail::journal_store_options inner;
    inner.limits = {options.bytes_max, std::max(segment_least, std::min(options.segment_bytes, options.bytes_max / 8))};
    inner.reaches = options.confirm;
    auto opened = journal_store::open(std::move(*where), inner, {detail::system_time(), detail::system_random()});
    if (!opened) return opened.error();
    auto made = std::make_shared<state>();
    made->store = std::move(*opened);
    made->report = report_of(*made->store);
    made->report.file_system = on->name;
    made->may_promise_durable = may_promise_durable;
    return journal{std::move(made)};
}

const journal_recovery& journal::recovered() const noexcept { return state_->report; }

result<journal_stream> journal::stream(std::string_view name, const retention& keeps) {
    if (keeps.age_max < std::chrono::milliseconds{0})
        return error{errc::invalid_argument, "age_max = " + std::to_string(keeps.age_max.count()) + " ms"};
    const auto id = state_->store->stream_named(name);
    if (!id) return id.error();
    state_->store->keep_at_most(*id, keeps.drop_oldest, keeps.age_max);
    return journal_stream{std::make_shared<journal_stream::state>(
        journal_stream::state{state_->store, state_->may_promise_durable, *id, std::string{name}})};
}

std::vector<std::string> journal::streams() const { return state_->store->stream_names(); }
std::uint64_t journal::bytes_used() const noexcept { return state_->store->bytes_used(); }
status journal::health() const { return state_->store->health(); }
status journal::close() { return state_->store->close(); }

journal_stream::journal_stream(std::shared_ptr<state> opened) noexcept : state_{std::move(opened)} {}

void journal_stream::install(assembly& into) const {
    if (!state_->store->lend(state_->id))
        return into.refuse({errc::locked, state_->name, "a stream has one sender: another socket writes to it"});
    into.keep_in("journal", detail::make_journal_log(state_->store, state_->id));
}

std::string_view journal_stream::name() const noexcept { return state_->name; }
stream_id journal_stream::id() const noexcept { return state_->id; }

result<offset> journal_stream::append(const message& what, stage wanted, timeout limit) {
    return append({&what, 1}, wanted, limit);
}

result<offset> journal_stream::append(std::span<const message> what, stage wanted, timeout limit) {
    if (what.empty()) return error{errc::invalid_argument, "append", "nothing to append"};
    if (wanted != stage::accepted && wanted != stage::stored && wanted != stage::durable)
        return error{errc::unsupported, "append", "accepted, stored or durable"};
    if (wanted == stage::durable && !state_->may_promise_durable) return no_durable(state_->name, "its file system");
    std::vector<std::vector<header>> headers(what.size());
    std::vector<detail::record_parts> parts;
    for (std::size_t i = 0; i < what.size(); ++i) {
        for (std::size_t at = 0; at < what[i].header_count(); ++at) headers[i].push_back(what[i].header_at(at));
        parts.push_back({what[i].topic(), what[i].key(), headers[i], what[i].body()});
        if (auto fits = detail::check_record(parts.back()); !fits) return fits.error();
    }
    detail::log_ticket ticket;
    const auto first = state_->store->submit_next(state_->id, parts, wanted, ticket);
    if (!first || wanted == stage::accepted) return first;
    if (auto kept = state_->store->wait(ticket, wanted, limit.deadline()); !kept) return kept.error();
    return first;
}

result<std::vector<journal_record>> journal_stream::read_many(offset from, std::size_t at_most) const {
    std::vector<journal_record> records;
    // Offset 0 is never given: who begins at 1 waits for the first.
    if (const offset next = state_->store->next_offset(state_->id); from > std::max<offset>(next, 1))
        return error{
            errc::conflict, "offset " + std::to_string(from) + " of " + state_->name,
            "no more than " + std::to_string(next) + " were given: is it another journal, or was it set back?"};
    while (records.size() < at_most) {
        const auto read = state_->store->read_now(state_->id, from);
        if (!read) return read.error();
        if (read->answer != log_answer::done) break;
        const detail::batch_view& view = read->batch.view;
        detail::record_view each;
        for (auto position = view.begin_position(); records.size() < at_most && view.next(position, each);) {
            if (each.at < from || state_->store->is_released(state_->id, each.at)) continue;
            auto content = detail::message_of(each);
            if (!content) return content.error();
            records.push_back({each.at, std::move(*content)});
        }
        from = view.last() + 1;
    }
    return records;
}

result<std::optional<journal_record>> journal_stream::read(offset from) const {
    auto one = read_many(from, 1);
    if (!one) return one.error();
    if (one->empty()) return std::optional<journal_record>{};
    return std::optional{std::move(one->front())};
}

std::uint64_t journal_stream::given_up() const { return state_->store->given_up(state_->id); }
offset journal_stream::first() const { return state_->store->first(state_->id); }
offset journal_stream::end() const { return state_->store->visible(state_->id); }

status journal_stream::requeue(offset dead) { return state_->store->settle_dead(state_->id, dead, true); }
status journal_stream::discard(offset dead) { return state_->store->settle_dead(state_->id, dead, false); }

status journal_stream::release(offset_range done) {
    if (done.first > done.last || done.last > offset_max)
        return error{errc::invalid_argument, std::to_string(done.first) + " to " + std::to_string(done.last)};
    state_->store->release(state_->id, {&done, 1});
    return {};
}

}  // namespace godwit
