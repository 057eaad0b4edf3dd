#include "godwit/redis_store.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <utility>

#include "base/ports.hpp"
#include "redis/redis_link.hpp"

namespace godwit {

namespace {

// A value is a letter, the content's digest in 16 hexadecimal digits, and: h, in hand, the token of who has it; d, done,
// without a reply; r, done, with the reply.
constexpr std::size_t value_head = 17;

// KEYS: the id, since when ids are known. ARGV: the value in hand, its lease in ms, when the id was made or "", the time from
// which a memory that begins knows or "", age_max in ms. Returns that value or nil if it is fresh or too old; then whether it
// is fresh; then since when.
constexpr std::string_view claim_script = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local since = redis.call('GET', KEYS[2])
if not since then
    since = ARGV[4] ~= '' and ARGV[4] or string.format('%.0f', now)
    redis.call('SET', KEYS[2], since)
end
since = math.max(tonumber(since), now - tonumber(ARGV[5]))
local had = redis.call('GET', KEYS[1])
if had then return {had, 0, since} end
if ARGV[3] ~= '' and tonumber(ARGV[3]) < since then return {false, 0, since} end
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) end
return {false, 1, since})";

// KEYS: the id. ARGV: the value in hand, the value that it gets or "" for none, age_max in ms. A lease that has ended, and that
// nobody else has taken, is as good as before.
constexpr std::string_view end_script = R"(
local had = redis.call('GET', KEYS[1])
if had and had ~= ARGV[1] then return {0} end
if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) elseif had then redis.call('DEL', KEYS[1]) end
return {1})";

std::string hex(std::uint64_t value) {
    std::string text(16, '0');
    for (auto at = text.rbegin(); value != 0; value >>= 4) *at++ = "0123456789abcdef"[value & 15];
    return text;
}

std::optional<std::uint64_t> digest_in(std::string_view value) {
    std::uint64_t known = 0;
    if (value.size() < value_head) return std::nullopt;
    if (std::from_chars(value.data() + 1, value.data() + value_head, known, 16).ec != std::errc{}) return std::nullopt;
    return known;
}

std::string ms_of(std::chrono::milliseconds time) { return std::to_string(time.count()); }
std::string ms_of(const std::optional<id_time>& at) { return at ? ms_of(at->time_since_epoch()) : std::string{}; }

status check(const redis_store_options& options) {
    const auto within = [](std::chrono::milliseconds value, std::chrono::milliseconds most) {
        return value >= std::chrono::milliseconds{1} && value <= most;
    };
    if (!within(options.age_max, std::chrono::hours{24} * 3660))
        return error{errc::invalid_argument, "age_max in ms = " + ms_of(options.age_max), "1 ms to 10 years"};
    if (!within(options.in_hand_max, std::chrono::hours{24}))
        return error{errc::invalid_argument, "in_hand_max in ms = " + ms_of(options.in_hand_max), "1 ms to 1 day"};
    if (!within(options.call_max, std::chrono::hours{1}))
        return error{errc::invalid_argument, "call_max in ms = " + ms_of(options.call_max), "1 ms to 1 h"};
    if (!options.user.empty() && options.password.empty())
        return error{errc::invalid_argument, "user", "it needs a password, too: without one, it would not be said"};
    if (options.prefix.size() <= id_bytes_max && options.reply_bytes_max <= 512u << 20) return {};
    return error{errc::invalid_argument, "prefix, reply_bytes_max", "up to 1,024 bytes, and up to 512 MiB"};
}

}  // namespace

struct redis_store::state {
    state(detail::redis_link::place where, const redis_store_options& how)
        : options{how}, link{std::move(where), how.call_max, how.user, how.password} {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() {
        try {
            while (!in_hand.empty()) {
                const std::string id = in_hand.begin()->first;
                if (auto ended = end(id, ""); !ended && !ended.failed(errc::fenced)) return;
            }
        } catch (...) {  // what is left ends with its lease
        }
    }

    // "" for the value in hand: it only looks.
    result<detail::redis_answer> ask(std::string_view id, std::string_view in_hand_as, const std::string& made) {
        return link.ask({"EVAL", claim_script, "2", options.prefix + "id:" + std::string{id},
                         options.prefix + "known_since", in_hand_as, ms_of(options.in_hand_max), made,
                         ms_of(options.known_from), ms_of(options.age_max)});
    }
    status end(std::string_view id, const std::string& value) {
        const auto held = in_hand.find(id);
        if (held == in_hand.end()) return error{errc::not_found, id, "it is not in hand here: claim it first"};
        const auto got = link.ask({"EVAL", end_script, "1", options.prefix + "id:" + std::string{id}, held->second,
                                   value, ms_of(options.age_max)});
        if (!got.failed(errc::full)) in_hand.erase(held);
        if (!got) return got.error();
        if (got->number(0) == 1) return {};
        return error{errc::fenced, id, "it took longer than in_hand_max, and somebody else has it"};
    }

    const redis_store_options options;
    std::mutex mutex;
    detail::redis_link link;
    std::map<std::string, std::string, std::less<>> in_hand;  // the value that says so
};

result<redis_store> redis_store::open(const std::string& url, const redis_store_options& options) {
    if (auto fits = check(options); !fits) return fits.error();
    auto where = detail::redis_link::parse(url);
    if (!where) return where.error();
    redis_store made{std::make_unique<state>(std::move(*where), options)};
    if (const auto since = made.known_since(); !since) return since.error();
    return made;
}

redis_store::redis_store(std::unique_ptr<state> opened) noexcept : state_{std::move(opened)} {}
redis_store::redis_store(redis_store&&) noexcept = default;
redis_store& redis_store::operator=(redis_store&&) noexcept = default;
redis_store::~redis_store() = default;

result<claim_answer> redis_store::claim(const chosen_id& what) {
    if (auto fits = what.check(); !fits) return fits.error();
    auto& random = detail::system_random();
    const std::string digest = hex(what.content_digest()),
                      value = "h" + digest + hex(random.draw()) + hex(random.draw());
    const std::lock_guard hold{state_->mutex};
    // Also if its lease has ended: who has it here marks it by its token, and there is one for each id.
    if (const auto held = state_->in_hand.find(what.id); held != state_->in_hand.end())
        return claim_answer{what.differs_from(*digest_in(held->second)) ? claimed::conflict : claimed::in_hand};
    const auto got = state_->ask(what.id, value, ms_of(what.made));
    if (!got) return got.error();
    const auto had = got->text(0);
    if (!had && got->number(1) == 0) return claim_answer{claimed::too_old};
    if (!had) return state_->in_hand.emplace(what.id, value), claim_answer{};
    const auto known = digest_in(*had);
    if (!known)
        return error{errc::corrupt, what.id, "a value that no redis_store has written: give it a prefix of its own"};
    if (what.differs_from(*known)) return claim_answer{claimed::conflict};
    if (had->front() == 'h') return claim_answer{claimed::in_hand};
    claim_answer done{claimed::done};
    if (had->front() == 'r') done.reply.emplace(had->substr(value_head));
    return done;
}

status redis_store::mark(std::string_view id, std::optional<std::string_view> reply) {
    const std::lock_guard hold{state_->mutex};
    const auto held = state_->in_hand.find(id);
    const std::string digest = held == state_->in_hand.end() ? std::string{} : held->second.substr(1, value_head - 1);
    if (reply && reply->size() > state_->options.reply_bytes_max) reply.reset();
    return state_->end(id, reply ? "r" + digest + std::string{*reply} : "d" + digest);
}

status redis_store::release(std::string_view id) {
    const std::lock_guard hold{state_->mutex};
    return state_->end(id, "");
}

result<id_time> redis_store::known_since() {
    const std::lock_guard hold{state_->mutex};
    const auto got = state_->ask("", "", "");
    if (!got) return got.error();
    return id_time{std::chrono::milliseconds{got->number(2)}};
}

}  // namespace godwit
