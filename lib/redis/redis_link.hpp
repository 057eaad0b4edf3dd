// redis_link: one connection to a Redis server, made when it is needed and made again when it has broken; hiredis' errors
// in our words. A server that goes away costs an error and no signal. Threads: one at a time; calls block up to `call_max`.
#pragma once
#include <hiredis.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/result.hpp"

namespace godwit::detail {

struct redis_answer {
    struct end {
        void operator()(redisReply* what) const noexcept { freeReplyObject(what); }
    };
    std::unique_ptr<redisReply, end> whole;

    // Of an array; nothing: it is no text.
    std::optional<std::string_view> text(std::size_t at) const;
    std::int64_t number(std::size_t at) const;
};

class redis_link {
public:
    struct place {
        std::string host;  // empty: a path
        int port = 0;
        std::string path;
    };
    static result<place> parse(std::string_view url);  // `invalid_endpoint`

    redis_link(place where, std::chrono::milliseconds call_max, std::string user, std::string password)
        : where_{std::move(where)}, call_max_{call_max}, user_{std::move(user)}, password_{std::move(password)} {}

    status connect();  // if it is not connected
    // A command with its arguments. An answer that is an error is one.
    result<redis_answer> ask(const std::vector<std::string_view>& words);

private:
    struct end {
        void operator()(redisContext* what) const noexcept { redisFree(what); }
    };
    result<redis_answer> ask_once(const std::vector<std::string_view>& words);
    error broken();

    const place where_;
    const std::chrono::milliseconds call_max_;
    const std::string user_, password_;
    std::unique_ptr<redisContext, end> open_;
};

}  // namespace godwit::detail
