// id_table: which ids are in hand and which are done, within a window of count, bytes and time; from when on nothing was
// forgotten. A state machine without a clock, a file or a lock. Threads: one at a time.
#pragma once
#include <algorithm>
#include <list>
#include <string>
#include <unordered_map>

#include "godwit/id_store.hpp"

namespace godwit::detail {

class GODWIT_EXPORT id_table {
public:
    static constexpr std::uint64_t bytes_each = 200;  // beside the id and its reply

    struct done_id {
        std::string id;
        std::uint64_t digest = 0;  // of its content; 0: of none
        id_time marked{};
        std::optional<std::string> reply = {};
    };

    id_table(const id_window& window, id_time known_since) noexcept
        : window_{window},
          replies_bytes_max_{std::min(window.replies_bytes_max, window.bytes_max / 2)},
          known_since_{known_since} {}
    id_table(const id_table&) = delete;
    id_table& operator=(const id_table&) = delete;

    // Fails with `full`.
    result<claim_answer> claim(const chosen_id& what, id_time now);
    // What is in hand, as it is to be marked; nothing: it is not in hand.
    std::optional<done_id> to_mark(std::string_view id, std::optional<std::string_view> reply, id_time now) const;
    void mark(done_id&& one);  // it is not in hand any more; after a throw it is as before
    bool release(std::string_view id);
    void expire(id_time now);

    id_time known_since() const noexcept { return known_since_; }
    void knows_since(id_time from) noexcept { known_since_ = std::max(known_since_, from); }
    void restore(done_id&& one);  // the last that was marked, so far
    const std::list<done_id>& done() const noexcept { return done_; }
    id_store_stats stats() const;

private:
    using place = std::list<done_id>::iterator;
    static std::uint64_t bytes_of(const done_id& one) noexcept {
        return bytes_each + one.id.size() + (one.reply ? one.reply->size() : 0);
    }
    std::uint64_t count() const noexcept { return done_.size() + in_hand_.size(); }
    void add(done_id&& one);
    void take_out(place one);
    void keep_limits();
    void forget_first();
    void drop_reply(done_id& of);

    const id_window window_;
    const std::uint64_t replies_bytes_max_;
    id_time known_since_;
    std::list<done_id> done_;                                 // by the time of their marks
    std::unordered_map<std::string_view, place> find_;        // of done_
    std::unordered_map<std::string, std::uint64_t> in_hand_;  // its digest
    place first_reply_ = done_.end();                         // before it none has one
    std::uint64_t bytes_ = 0, reply_bytes_ = 0;
    id_store_stats counted_;
};

}  // namespace godwit::detail
