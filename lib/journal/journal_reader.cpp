#include "godwit/journal_reader.hpp"

#include <algorithm>
#include <tuple>

#include "base/message_of.hpp"
#include "journal/record_cursor.hpp"

namespace godwit {

namespace {

using detail::journal_sight;
using detail::record_cursor;
using detail::wanted_records;

constexpr std::size_t bytes_at_once = 1u << 20;

journal_stream_info info_of(stream_id id, const detail::stream_state& state) {
    journal_stream_info info;
    info.name = state.name;
    info.id = id;
    info.end = state.next;
    if (state.next == 0) return info;
    state.released.for_each_missing_in({0, state.next - 1}, [&](offset_range part) { info.records += part.count(); });
    info.first = std::min(state.released.first_missing(0), state.next);
    info.released = state.next - info.records;
    return info;
}

std::int64_t in_milliseconds(std::chrono::system_clock::time_point when) {
    return std::chrono::ceil<std::chrono::milliseconds>(when.time_since_epoch()).count();
}

}  // namespace

struct journal_cursor::state {
    record_cursor cursor;
    std::optional<error> failed = {};  // to be told at the next call
};

struct journal_reader::state {
    std::shared_ptr<journal_sight> sight;
};

journal_cursor::journal_cursor(std::unique_ptr<state> opened) noexcept : state_{std::move(opened)} {}
journal_cursor::journal_cursor(journal_cursor&&) noexcept = default;
journal_cursor& journal_cursor::operator=(journal_cursor&&) noexcept = default;
journal_cursor::~journal_cursor() = default;

result<std::vector<stored_record>> journal_cursor::next_many(std::size_t at_most) {
    if (state_->failed) return *std::exchange(state_->failed, std::nullopt);
    std::vector<stored_record> records;
    std::size_t size = 0;
    detail::found_record each;
    while (records.size() < at_most && size < bytes_at_once) {
        const auto found = state_->cursor.next(each);
        if (found && !*found) break;
        auto content = found ? detail::message_of(each.record) : result<message>{found.error()};
        if (!content) {
            if (records.empty()) return content.error();
            state_->failed = content.error();
            break;
        }
        size += each.record.whole.size();
        const std::chrono::sys_time<std::chrono::milliseconds> appended{std::chrono::milliseconds{each.when}};
        records.push_back({each.stream, each.record.at, appended, each.released, std::move(*content)});
    }
    return records;
}

result<std::optional<stored_record>> journal_cursor::next() {
    auto one = next_many(1);
    if (!one) return one.error();
    if (one->empty()) return std::optional<stored_record>{};
    return std::optional{std::move(one->front())};
}

journal_reader::journal_reader(std::unique_ptr<state> opened) noexcept : state_{std::move(opened)} {}
journal_reader::journal_reader(journal_reader&&) noexcept = default;
journal_reader& journal_reader::operator=(journal_reader&&) noexcept = default;
journal_reader::~journal_reader() = default;

result<journal_reader> journal_reader::open(const std::filesystem::path& directory) {
    auto where = detail::open_directory(directory, false);
    if (!where) return where.error();
    auto sight = journal_sight::open(std::move(*where));
    if (!sight) return sight.error();
    return journal_reader{std::make_unique<state>(state{std::move(*sight)})};
}

status journal_reader::refresh() { return state_->sight->refresh(); }

std::vector<journal_stream_info> journal_reader::streams() const {
    std::vector<journal_stream_info> all;
    for (const auto& [id, one] : state_->sight->state().streams()) all.push_back(info_of(id, one));
    std::ranges::sort(all,
                      [](const auto& a, const auto& b) { return std::tie(a.name, a.id) < std::tie(b.name, b.id); });
    return all;
}

std::optional<journal_stream_info> journal_reader::stream(std::string_view name) const {
    stream_id id;
    const detail::stream_state* const found = state_->sight->state().find(name, id);
    return found != nullptr && !name.empty() ? std::optional{info_of(id, *found)} : std::nullopt;
}

std::optional<journal_stream_info> journal_reader::stream(stream_id id) const {
    const detail::stream_state* const found = state_->sight->state().find(id);
    return found != nullptr ? std::optional{info_of(id, *found)} : std::nullopt;
}

result<std::vector<dead_letter>> journal_reader::dead_letters(stream_id stream, offset from,
                                                              std::size_t at_most) const {
    std::vector<dead_letter> letters;
    const detail::stream_state* const of = state_->sight->state().find(stream);
    if (of == nullptr) return letters;
    const auto& dead = of->delivery.dead_letters();
    for (auto one = dead.lower_bound(from); one != dead.end() && letters.size() < at_most; ++one) {
        const auto& [at, why] = *one;
        auto cursor = read({.stream = stream, .from = at});
        if (!cursor) return cursor.error();
        auto record = cursor->next();
        if (!record) return record.error();
        if (!*record || (*record)->at != at) continue;
        letters.push_back({stream, at, why.why, why.attempts, why.detail, why.when, std::move((*record)->content)});
    }
    return letters;
}

result<journal_info> journal_reader::info() const {
    const journal_sight& sight = *state_->sight;
    journal_info info{.epoch = sight.epoch(), .is_written = sight.is_written(), .clean = sight.is_clean()};
    const auto names = sight.where().list();
    if (!names) return names.error();
    for (const std::string& name : *names) {
        if (detail::segment_numbers({name}).empty()) continue;
        const auto opened = sight.where().open(name, detail::file_use::read);
        if (opened.failed(errc::not_found)) continue;  // let go of meanwhile
        const auto size = opened ? (*opened)->size() : result<std::uint64_t>{opened.error()};
        if (!size) return size.error();
        ++info.segments;
        info.bytes += *size;
    }
    return info;
}

result<journal_cursor> journal_reader::read(const journal_reading& what) const {
    const auto& sight = state_->sight;
    wanted_records wanted{.stream = what.stream, .released = what.released, .past_damage = what.past_damage};
    journal_sight::place from{.segment = sight->lowest()};
    const auto* const start = std::get_if<journal_start>(&what.from);
    if (start != nullptr && *start == journal_start::last) {
        auto last = find_last(sight, wanted);
        if (!last) return last.error();
        const bool is_copy = *last && (*last)->entry == 0;
        from = *last && !is_copy ? journal_sight::place{.segment = (*last)->segment} : sight->end();
        wanted.from_record = std::move(*last);
    } else if (start != nullptr && *start == journal_start::next) {
        from = sight->end();
    } else if (const auto* const at = std::get_if<offset>(&what.from)) {
        if (!what.stream) return error{errc::invalid_argument, "from an offset", "of which stream?"};
        wanted.from = *at;
    } else if (const auto* const when = std::get_if<std::chrono::system_clock::time_point>(&what.from)) {
        wanted.not_before = in_milliseconds(*when);
        const auto place = place_of_time(*sight, wanted.not_before);
        if (!place) return place.error();
        from = *place;
    }
    return journal_cursor{
        std::make_unique<journal_cursor::state>(journal_cursor::state{record_cursor{sight, wanted, from}})};
}

}  // namespace godwit
