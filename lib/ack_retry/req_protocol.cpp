// What callers ask, and how it ends. Links and replies: req_replies.cpp.
#include "ack_retry/req_protocol.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <string>

#include "base/message_of.hpp"

namespace godwit::detail {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t taken_at_once = 1024;
constexpr milliseconds ttl_max = std::chrono::hours{24 * 36'500};
// A small reply of a large batch is copied, so that it does not keep the whole.
constexpr std::size_t copied_below = 4096, kept_whole_below = 16u << 10;

ack_retry without_letters(ack_retry options) {
    options.dead_letters_max = std::numeric_limits<std::size_t>::max();
    return options;
}

message content_of(held_batch& held, std::uint32_t position) {
    record_view record;
    held.batch.view.read(position, record);
    if (record.whole.size() < copied_below && held.batch.view.data().size() >= kept_whole_below) {
        if (auto copy = message_of(record)) return std::move(*copy);
    }
    add_references(held, 1);
    return make_message(held, record);
}

}  // namespace

req_protocol::req_protocol(const ack_retry& options)
    : protocol_base{options}, sender_options_{without_letters(options)} {}

status req_protocol::opened() {
    if (world().log.own_stream())
        return error{errc::unsupported, "journal", "of a req: only a push can take up a stream again, for now"};
    const stream_id stream{world().random.draw(), world().random.draw()};
    half_ = std::make_unique<sender_half>(stream, sender_options_,
                                          sender_half::tools{world().time, world().random, world().log, world().port,
                                                             *this, world().layers, world().message_bytes_max, this});
    half_->take_settled(0);  // from now on, it collects them
    return {};
}

tried req_protocol::request(const record_parts& what, const request_terms& terms, offset& given, status& why) {
    if (draining_) {
        why = error{errc::closed};
        return tried::failed;
    }
    asked_request asked;
    asked.idempotent = terms.idempotent;
    tried taken;
    if (terms.deadline.value_or(never) == never && !what.times.ttl) {
        taken = half_->send(what, given, why);
    } else {
        const steady_time now = world().time.now();
        asked.deadline =
            std::min(terms.deadline.value_or(never), what.times.ttl ? now + std::min(*what.times.ttl, ttl_max) : never);
        record_parts limited = what;
        limited.times.sent = world().time.wall();
        limited.times.ttl = std::chrono::ceil<milliseconds>(asked.deadline - now);
        if (limited.times.ttl <= milliseconds{0}) {
            why = error{errc::expired, "deadline", "it was over before the request was taken"};
            return tried::failed;
        }
        taken = half_->send(limited, given, why);
    }
    if (taken != tried::done) return taken;
    asked_request& kept = requests_.add(given);
    kept.idempotent = asked.idempotent;
    kept.deadline = asked.deadline;
    if (kept.deadline != never) {
        deadlines_.add(kept.deadline, given);
        if (kept.deadline < called_at_) world().port.ring();
    }
    return tried::done;
}

tried req_protocol::take_reply(offset asked, message& out, status& why) {
    asked_request* const request = requests_.find(asked);
    if (request == nullptr) {
        why = error{errc::invalid_argument, std::to_string(asked), "there is no such request, or it was taken"};
        return tried::failed;
    }
    if (request->now == state::waiting) return tried::would_block;
    const bool answered = request->now == state::answered;
    if (answered) {
        out = content_of(*request->reply, request->position);
    } else {
        why = std::move(request->why);
    }
    requests_.remove(asked);
    return answered ? tried::done : tried::failed;
}

void req_protocol::give_up(offset asked) noexcept {
    asked_request* const request = requests_.find(asked);
    if (request == nullptr) return;
    const bool waits = request->now == state::waiting;
    if (waits && request->deadline != never) deadlines_.remove(request->deadline, asked);
    requests_.remove(asked);
    if (!waits) return;
    try {
        cancel(half_->end(asked, outcome::unknown), asked);
        collect();
    } catch (const std::bad_alloc&) {
        // It stays in flight until it is answered: late then.
    }
}

void req_protocol::cancel(link_number at, offset what) {
    if (at != 0) links().send(at, link_content{cancel_frame{half_->stream(), {what, what}}});
}

// Decided here.
void req_protocol::end(offset at, outcome how, errc code, std::string_view value, std::string_view advice) {
    cancel(half_->end(at, how), at);
    if (asked_request* const request = requests_.find(at)) tell_end(at, *request, code, value, advice);
}

void req_protocol::tell_end(offset at, asked_request& request, errc code, std::string_view value,
                            std::string_view advice) {
    if (request.now != state::waiting) return;
    if (request.deadline != never) deadlines_.remove(request.deadline, at);
    request.now = state::ended;
    requests_.decided();
    request.why = error{code, value, advice};
    news_ = true;
}

void req_protocol::expire(steady_time now) {
    for (offset at = 0; deadlines_.take_due(now, at);) {
        const asked_request* const request = requests_.find(at);
        if (request == nullptr || request->now != state::waiting) continue;
        if (request->doubtful || half_->may_have_begun(at)) {
            end(at, outcome::unknown, errc::unknown, "deadline", "a server had it: it may have been executed");
        } else {
            end(at, outcome::expired, errc::expired, "deadline", "it was not executed");
        }
    }
}

// What the sender's half has decided: no server has it any more.
void req_protocol::collect() {
    for (;;) {
        const auto ends = half_->take_settled(taken_at_once);
        for (const auto& [at, how] : ends) {
            if (how == outcome::processed) continue;
            const auto* const letter = half_->epitaph_of(at);
            const std::string words = letter == nullptr ? std::string{} : letter->detail;
            if (letter != nullptr) static_cast<void>(half_->discard(at));
            asked_request* const request = requests_.find(at);
            if (request == nullptr) continue;
            if (how == outcome::refused) {
                tell_end(at, *request, errc::refused, words, "the server's handler has rejected it");
            } else if (how == outcome::unknown || request->doubtful) {
                tell_end(at, *request, errc::unknown, "server lost", "it may have been executed");
            } else if (how == outcome::expired) {
                tell_end(at, *request, errc::expired, "deadline", "it was not executed");
            } else {
                tell_end(at, *request, errc::refused, words.empty() ? "attempts_max" : words,
                         "no attempt has succeeded, and there are none left");
            }
        }
        if (ends.size() < taken_at_once) return;
    }
}

steady_time req_protocol::step() {
    const steady_time theirs = links().step();
    const steady_time now = world().time.now();
    expire(now);
    const steady_time next = half_->step();
    collect();
    say_all();
    called_at_ = std::min({theirs, next, deadlines_.next()});
    return called_at_;
}

delivery_protocol::possible req_protocol::ready() {
    const bool of_half = half_->take_news(), own = std::exchange(news_, false);
    return {.in = requests_.any_untaken(), .out = !half_->full(), .news = of_half || own};
}

void req_protocol::drain() {
    draining_ = true;
    half_->flush();
}

delivery_stats req_protocol::stats() const {
    delivery_stats all;
    half_->fill(all);
    all.stale_settlements += late_;
    all.malformed = links().malformed();
    all.fenced = links().fenced();
    return all;
}

std::unique_ptr<delivery_protocol> make_req(const ack_retry& options) {
    return std::make_unique<req_protocol>(options);
}

}  // namespace godwit::detail
