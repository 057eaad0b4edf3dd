#include "redis/redis_link.hpp"

#include <charconv>
#include <utility>

#include "redis/no_pipe_signal.hpp"

namespace godwit::detail {

namespace {

constexpr std::string_view tcp = "tcp://", ipc = "ipc://";

timeval seconds_of(std::chrono::milliseconds time) noexcept {
    timeval made{};
    made.tv_sec = static_cast<decltype(made.tv_sec)>(time.count() / 1000);
    made.tv_usec = static_cast<decltype(made.tv_usec)>(time.count() % 1000 * 1000);
    return made;
}

error refusal(std::string_view words) {
    // Inside of a script the server's words stand behind some of its own.
    if (words.find("OOM command not allowed") != std::string_view::npos) return {errc::full, words};
    for (const std::string_view begins : {"NOAUTH", "WRONGPASS", "NOPERM", "ERR AUTH", "ERR Client sent AUTH",
                                          "ERR invalid password"}) {  // the last: of Redis 5
        if (words.starts_with(begins)) return {errc::refused, words, "give redis_store_options::user and password"};
    }
    return {errc::io, words};
}

}  // namespace

std::optional<std::string_view> redis_answer::text(std::size_t at) const {
    if (whole->type != REDIS_REPLY_ARRAY || at >= whole->elements) return std::nullopt;
    const redisReply& one = *whole->element[at];
    if (one.type != REDIS_REPLY_STRING && one.type != REDIS_REPLY_STATUS) return std::nullopt;
    return std::string_view{one.str, static_cast<std::size_t>(one.len)};
}

std::int64_t redis_answer::number(std::size_t at) const {
    if (whole->type != REDIS_REPLY_ARRAY || at >= whole->elements) return 0;
    return whole->element[at]->type == REDIS_REPLY_INTEGER ? whole->element[at]->integer : 0;
}

result<redis_link::place> redis_link::parse(std::string_view url) {
    const error wrong{errc::invalid_endpoint, url, "of Redis: tcp://HOST:PORT or ipc://PATH"};
    place made;
    if (url.starts_with(ipc) && url.size() > ipc.size()) {
        made.path = url.substr(ipc.size());
        return made;
    }
    const auto colon = url.rfind(':');
    if (!url.starts_with(tcp) || colon <= tcp.size()) return wrong;
    made.host = url.substr(tcp.size(), colon - tcp.size());
    if (made.host.front() == '[' && made.host.back() == ']') made.host = made.host.substr(1, made.host.size() - 2);
    const std::string_view digits = url.substr(colon + 1);
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), made.port);
    if (failed != std::errc{} || end != digits.data() + digits.size() || made.port < 1 || made.port > 65'535)
        return wrong;
    return made;
}

// Its connection is not used again: answers could come to other questions.
error redis_link::broken() {
    const error why{errc::unreachable, open_ == nullptr ? "no memory" : open_->errstr, "is the Redis server there?"};
    open_.reset();
    return why;
}

status redis_link::connect() {
    if (open_ != nullptr) return {};
    const no_pipe_signal here;
    const timeval limit = seconds_of(call_max_);
    open_.reset(where_.host.empty() ? redisConnectUnixWithTimeout(where_.path.c_str(), limit)
                                    : redisConnectWithTimeout(where_.host.c_str(), where_.port, limit));
    if (open_ == nullptr || open_->err != 0) return broken();
    if (redisSetTimeout(open_.get(), limit) != REDIS_OK) return broken();
    if (password_.empty()) return {};
    const auto let_in = user_.empty() ? ask_once({"AUTH", password_}) : ask_once({"AUTH", user_, password_});
    if (let_in) return {};
    open_.reset();
    return let_in.error();
}

result<redis_answer> redis_link::ask(const std::vector<std::string_view>& words) {
    if (auto connected = connect(); !connected) return connected.error();
    const no_pipe_signal here;
    return ask_once(words);
}

result<redis_answer> redis_link::ask_once(const std::vector<std::string_view>& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string_view word : words) {
        texts.push_back(word.empty() ? "" : word.data());
        sizes.push_back(word.size());
    }
    redis_answer got;
    got.whole.reset(static_cast<redisReply*>(
        redisCommandArgv(open_.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
    if (got.whole == nullptr) return broken();
    if (got.whole->type == REDIS_REPLY_ERROR)
        return refusal({got.whole->str, static_cast<std::size_t>(got.whole->len)});
    return got;
}

}  // namespace godwit::detail
