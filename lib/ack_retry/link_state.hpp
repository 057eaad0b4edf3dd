// What a link_set knows: peers (transports, as the carrier numbers them), sessions over them, and the identities behind
// those. A session that has ended lives on in `graves_` until the outermost call from the carrier returns, and its left() is
// told there, so that a user may send from inside any callback.
#pragma once
#include <array>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

#include "ack_retry/link_session.hpp"

namespace godwit::detail {

inline constexpr std::size_t controls_max = 4096, control_bytes_max = 1u << 20;  // waiting, of one link
inline constexpr std::size_t ack_ranges_waiting_max = 16 * link_ranges_max;
inline constexpr std::size_t ack_bytes_max = 512u << 10;  // of one frame
inline constexpr unsigned greetings_suspected = 10;       // hellos that were carried and not answered
inline constexpr int patience_max = 64;                   // leases between the ends of a transport that answers nothing

struct session {
    link_number number = 0;
    peer_number peer = 0;
    std::uint64_t our_tag = 0, their_tag = 0;
    endpoint_id identity;
    steady_time last_heard, last_sent, pinged;
    std::chrono::milliseconds lease{}, heartbeat{};  // of both sides: the longer one; ours, or what that lease asks for
    std::uint64_t sent = 0, taken = 0;               // the numbers of the last data frames
    offset their_floor = 0;
    bool is_busy = false, has_ended = false;

    // Outgoing, in this order when there is room.
    ack_frame acks;
    bool acks_wait = false;
    std::deque<link_content> controls;
    std::size_t control_bytes = 0;
    bool ping_waits = false;
    std::optional<std::uint64_t> answer_waits;
    std::uint64_t pings = 0;
    batch_ref out;  // goes in parts
    fragment_frame out_next;

    std::vector<std::byte> in;  // comes in parts
    fragment_frame in_last;

    bool blocked() const noexcept { return is_busy || acks_wait || !controls.empty() || !out.empty(); }
};

struct link_peer {
    peer_number number = 0;
    bool dialled = false;
    std::uint64_t our_tag = 0;         // of the session, or of the greeting under way
    link_number link = 0;              // 0: none
    std::uint32_t can = 0, needs = 0;  // as our last hello to it said
    // What the hello with that tag claims: a repeated one says the same, since any of them may be the one that is taken.
    greeting_claims claims;
    // While it is greeted.
    steady_time greet_at = never, last_greeted{};
    std::chrono::milliseconds greet_delay{};
    unsigned greetings = 0;
    steady_time give_up_at = never;  // unanswered by then, its transport is ended: it may be garbled, or half open
    std::chrono::milliseconds patience{};  // the next time; doubles
    link_number yields_to = 0;             // the same incarnation is here by another way
    bool told = false;                     // what does not fit has been reported
    steady_time end_at = never;            // it was refused: time for the words to arrive
    steady_time no_reset_before{};
};

// What is known of an identity, as long as it has a session, or had one within its lease.
struct incarnation {
    std::string key;
    endpoint_id nonce;
    std::uint64_t epoch = 0;
    link_number link = 0;  // the last one
    bool live = false;
    steady_time forget_at = never;
    std::array<endpoint_id, 8> fenced{};  // earlier nonces
    std::size_t fenced_count = 0;
};

struct identity_hash {
    std::size_t operator()(const endpoint_id& id) const noexcept { return static_cast<std::size_t>(id.high ^ id.low); }
};

// Whether the two can work together, but for the identity. `mismatch`, in words for both sides.
status agree(pattern own, const link_options& options, const link_peer& ours, const hello& theirs);

struct link_set::state {
    state(pattern own_pattern, const link_options& how, time_source& clock, random_source& chance, link_port& carrier,
          link_user& half)
        : own{own_pattern}, options{how}, time{clock}, random{chance}, port{carrier}, user{half} {}

    // Each call from the carrier is one; the outermost tells what has ended.
    class entry {
    public:
        explicit entry(state& of) : of_{of} { ++of_.depth; }
        ~entry() { --of_.depth; }
        void finish() {
            if (of_.depth > 1) return;
            of_.tell_ended();
            of_.graves.clear();
            of_.peer_graves.clear();
        }

    private:
        state& of_;
    };

    // Lookups.
    session* find(link_number which) const noexcept;
    link_peer* find_peer(peer_number which) const noexcept;
    link_peer* find_or_add_peer(peer_number which);
    std::uint64_t draw_tag() noexcept;
    std::chrono::milliseconds jittered(std::chrono::milliseconds most) noexcept;
    void wake(steady_time at) noexcept;

    // Greeting: link_greeting.cpp.
    hello our_hello(link_peer& to, std::uint64_t tag, std::uint64_t answers);
    link_port::sent post(link_peer& to, const link_frame& what, const message* body = nullptr);
    void greet(link_peer& to, steady_time now);
    void lose_patience(link_peer& to, steady_time now);
    void greet_soon(link_peer& to, steady_time now);
    void back_off(link_peer& to, steady_time now);
    void took_hello(link_peer& from, hello&& theirs, steady_time now);
    void took_refusal(link_peer& from, const refuse_frame& words, steady_time now);
    void refuse(link_peer& who, const error& why, steady_time now);
    void report_once(link_peer& about, errc code, std::string_view detail);

    // Identities and sessions: link_identity.cpp.
    status admit(const link_peer& from, const hello& theirs) const;
    void establish(link_peer& with, const hello& theirs, std::uint64_t our_tag, steady_time now);
    link_number replace(const link_peer& by, const hello& theirs);
    void bury(session& one);
    void end(session& one, link_end why, steady_time now);
    void release_yielding(link_number gone, link_number now_by, steady_time now);
    void tell_ended();
    void forget_peer(link_peer& one);

    // Incoming: link_incoming.cpp.
    void took(link_peer& from, message&& frames, steady_time now);
    void took_in_session(session& of, link_frame&& frame, message&& frames, steady_time now);
    void took_data(session& of, const data_frame& head, message&& frames);
    void took_reply(session& of, const reply_frame& head, message&& frames);
    void took_fragment(session& of, const fragment_frame& head, const message& frames);
    void hand_over(session& of, const fragment_frame& head, batch_ref&& batch);
    void took_ping(session& of, const ping_frame& ping);
    void floor_rises(session& of, offset floor);
    void breach(link_peer& by, std::string_view what, steady_time now);
    void stale(link_peer& from, std::uint64_t tag, steady_time now);

    // Outgoing: link_outgoing.cpp.
    enum class posted : std::uint8_t { done, busy, gone };
    posted put(session& to, const link_content& content, const message* body, steady_time now);
    carried send_batch(session& to, const fragment_frame& head, const batch_ref& batch);
    carried control(session& to, const link_content& content);
    void pump(session& to, steady_time now);
    void leave(session& to, steady_time now);  // ends it once all that waits, a good-bye last, has gone
    posted pump_acks(session& to, steady_time now);
    posted pump_parts(session& to, steady_time now);
    void ping(session& to, steady_time now);

    // Time: link_liveness.cpp.
    void collect_due(steady_time now);
    void do_due(steady_time now);
    steady_time earliest(steady_time now) const;
    void fresh_leases(steady_time now, std::chrono::nanoseconds late);

    const pattern own;
    link_options options;
    time_source& time;
    random_source& random;
    link_port& port;
    link_user& user;
    endpoint_id nonce;

    std::unordered_map<peer_number, std::unique_ptr<link_peer>> peers;
    std::unordered_map<link_number, std::unique_ptr<session>> sessions;
    std::unordered_map<endpoint_id, incarnation, identity_hash> known;
    std::vector<link_number> busy_links;
    link_number last_link = 0;
    offset floor = 0;
    bool is_draining = false, is_closing = false;
    std::uint64_t malformed = 0, fenced = 0;

    int depth = 0;
    std::vector<std::unique_ptr<session>> graves;
    std::vector<std::unique_ptr<link_peer>> peer_graves;
    std::deque<std::pair<link_number, link_end>> ended;
    steady_time next_due = never;
    std::vector<std::byte> envelope;  // reused
    std::vector<link_number> silent, idle;
    std::vector<peer_number> to_greet, to_end;
    std::vector<endpoint_id> to_forget;
};

}  // namespace godwit::detail
