// access_list's inside: who is listed, who was revoked, whom to ask, and who wants to be told of a change.
// A judged peer carries the number of its rights with it, because nothing remembers the judge's answers: equal rights
// have one number, and there are at most judged_rights_max of them.
// Threads: thread-safe, a leaf lock; those who are told are called without it, on the thread that changed the list.
#pragma once
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/rights.hpp"

namespace godwit {

namespace detail {

inline constexpr std::size_t judged_rights_max = 10'000;

// Whoever enforces the list on live links.
class GODWIT_EXPORT access_listener {
public:
    virtual ~access_listener() = default;
    virtual void ended(std::span<const public_key> keys) = 0;  // revoked, or their rights are others now
};

struct key_hash {
    std::size_t operator()(const public_key& key) const noexcept {
        std::size_t first;
        std::memcpy(&first, key.raw().data(), sizeof first);  // a key's bytes are as good as random
        return first;
    }
};

// Of what rights say, and not of where they stand.
struct GODWIT_EXPORT rights_hash {
    std::size_t operator()(const std::shared_ptr<const rights>& may) const noexcept;
};
struct same_rights {
    bool operator()(const auto& one, const auto& other) const noexcept { return *one == *other; }
};

// Who a link's peer was found to be in the handshake: what ZAP calls its user id. Text: "KEY JUDGED SERIAL".
struct GODWIT_EXPORT admission {
    public_key key;
    std::uint32_t judged = 0;  // the number of its rights; 0: they are the list's
    std::uint64_t serial = 0;  // of the handshake: tells links apart that have had the same descriptor

    std::string text() const;
    static bool parse(std::string_view text, admission& parsed);
};

}  // namespace detail

struct GODWIT_EXPORT access_list::state {
    enum class verdict : std::uint8_t { allowed, refused, ask };
    using shared_rights = std::shared_ptr<const rights>;
    struct decision {
        verdict what;
        shared_rights may;        // allowed
        access_list::judge whom;  // ask
        std::string_view reason;  // refused
    };

    decision decide(const public_key& key) const;
    // What an admitted peer may do now; null: nothing any more.
    shared_rights rights_of(const detail::admission& who) const;
    std::uint32_t number_of(const rights& may);  // of a judge's answer; 0: there are too many different ones
    std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

    status allow(const public_key& key, const rights& may);
    void revoke(const public_key& key);
    using listing = std::unordered_map<public_key, shared_rights, detail::key_hash>;
    void replace(listing&& listed);
    void ask(judge whom);
    void admit_all();
    std::vector<public_key> keys() const;
    void tell(std::weak_ptr<detail::access_listener> listener);

private:
    using listeners = std::vector<std::shared_ptr<detail::access_listener>>;
    listeners changed();  // lock held

    mutable std::mutex lock_;
    std::atomic<std::uint64_t> generation_{1};
    // Guarded by lock_:
    shared_rights anyone_;  // set: who is not listed has these
    listing listed_;
    std::unordered_set<public_key, detail::key_hash> revoked_;
    judge judge_;
    std::vector<shared_rights> judged_;
    std::unordered_map<shared_rights, std::uint32_t, detail::rights_hash, detail::same_rights> numbers_;  // of judged_
    std::vector<std::weak_ptr<detail::access_listener>> listeners_;
};

struct access {
    static access_list::state& of(const access_list& list) noexcept { return *list.state_; }
    static const std::shared_ptr<access_list::state>& shared(const access_list& list) noexcept { return list.state_; }
};

namespace detail {
// The text of a file of keys, pure. `name` is the file's. `malformed` (names the line), `too_large`.
GODWIT_EXPORT result<access_list::state::listing> parse_access_list(std::string_view text, std::string_view name);
}  // namespace detail

}  // namespace godwit
