// Frames of every kind with any legal content, drawn by a seeded generator.
#pragma once
#include <random>
#include <string>

#include "ack_retry/link_frames.hpp"

namespace link_random {

using namespace godwit::detail;

class source {
public:
    explicit source(std::uint64_t seed) : engine_{seed} {}
    std::uint64_t below(std::uint64_t end) { return engine_() % end; }
    bool coin() { return below(2) == 1; }
    std::uint64_t word() { return engine_() >> below(64); }
    std::uint64_t tag() { return engine_() | 1; }
    godwit::stream_id id() { return {engine_(), engine_()}; }
    godwit::offset offset() { return word() & godwit::offset_max; }
    std::uint32_t attempt() { return 1 + static_cast<std::uint32_t>(below(1u << 31)); }
    godwit::offset_range range() {
        const auto one = offset(), other = offset();
        return {std::min(one, other), std::max(one, other)};
    }
    std::string text(std::size_t most) {
        std::string made(below(most + 1), '\0');
        for (auto& c : made) c = static_cast<char>(below(256));
        return made;
    }
    template <class T, class F>
    void fill(std::vector<T>& list, std::size_t most, F&& one) {
        list.clear();
        for (auto left = below(most + 1); left > 0; --left) list.push_back(one());
    }

private:
    std::mt19937_64 engine_;
};

inline hello a_hello(source& from) {
    hello h;
    h.highest_version = static_cast<std::uint8_t>(1 + from.below(255));
    h.own = static_cast<pattern>(from.below(6));
    h.tag = from.tag();
    h.answers = from.word();
    h.identity = from.id();
    h.nonce = from.id();
    h.epoch = from.word();
    h.scope = from.id();
    h.can = static_cast<std::uint32_t>(from.word());
    h.needs = static_cast<std::uint32_t>(from.word());
    from.fill(h.codecs, 16, [&] { return static_cast<std::uint8_t>(from.below(256)); });
    h.heartbeat_ms = 1 + static_cast<std::uint32_t>(from.below(1000));
    h.lease_ms = h.heartbeat_ms + static_cast<std::uint32_t>(from.below(80'000));
    h.window_messages = static_cast<std::uint32_t>(from.word());
    h.window_bytes = from.word();
    h.message_bytes_max = from.word();
    h.stream = from.id();
    h.floor = from.offset();
    from.fill(h.below_floor, 5, [&] { return from.range(); });
    from.fill(h.holds, 5, [&] { return attempted_range{from.id(), from.range(), from.attempt()}; });
    from.fill(h.next, 5, [&] { return std::pair{from.id(), from.offset()}; });
    h.from = static_cast<std::uint8_t>(from.below(256));
    from.fill(h.filters, 5, [&] { return from.text(40); });
    h.name = from.text(128);
    return h;
}

inline data_frame a_data(source& from) { return {from.tag(), from.attempt(), from.offset(), from.word()}; }

inline ack_frame an_ack(source& from) {
    using settled = ack_frame::settled;
    ack_frame ack{from.word(), from.word(), static_cast<std::uint32_t>(from.word()), from.word(), {}};
    from.fill(ack.ranges, 6, [&] {
        return settled{from.id(),
                       from.range(),
                       from.attempt(),
                       static_cast<settled::how>(from.below(5)),
                       static_cast<std::uint32_t>(from.word()),
                       from.text(60)};
    });
    return ack;
}

inline link_content a_content(source& from, std::size_t kind) {
    switch (kind) {
        case 0:
            return a_hello(from);
        case 1:
            return a_data(from);
        case 2: {
            const auto total = 1 + static_cast<std::uint32_t>(from.below(1u << 30));
            return fragment_frame{a_data(from), static_cast<std::uint32_t>(from.below(total)), total, from.coin(),
                                  from.coin()};
        }
        case 3:
            return an_ack(from);
        case 4:
            return ping_frame{from.word(), from.coin(), from.offset()};
        case 5:
            return bye_frame{from.text(256), from.coin()};
        case 6:
            return reset_frame{from.word()};
        case 7:
            return refuse_frame{static_cast<godwit::errc>(1 + from.below(25)), from.text(256)};
        case 8:
            return filter_frame{from.coin(), from.text(300)};
        case 9:
            return gap_frame{from.id(), from.range()};
        case 10:
            return reply_frame{from.tag(), from.coin(), from.word()};
        default:
            return cancel_frame{from.id(), from.range()};
    }
}

inline link_frame a_frame(source& from, std::size_t kind) { return {from.word(), a_content(from, kind)}; }

}  // namespace link_random
