// access_list: who may come to what a socket binds, and what each may do there. A handle: copies share one list, and so
// may any number of sockets; what is changed acts at once. It fails closed: who is not listed, and not accepted by the
// judge, is refused in the handshake, and none of its bytes reach the application.
// It speaks of those that come to us: whom we connect to, we have named by its key. inproc is one process: not judged.
// Threads: thread-safe. The judge runs on the context's callback thread.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/key.hpp"
#include "godwit/result.hpp"

namespace godwit {

// What a peer may do, by the pattern of its socket. Topics are prefixes: "" is every topic, an empty list is none, and
// then a peer of that pattern is refused in the handshake. At most 1,000 prefixes, each up to 4 KiB.
struct GODWIT_EXPORT rights {
    using topics = std::vector<std::string>;
    topics push{""};   // send to our pull; a message under another topic is refused and counted
    topics pub{""};    // send to our sub, likewise
    topics req{""};    // ask our rep, likewise
    topics sub{""};    // subscribe at our pub: to these prefixes and to longer ones ("a" is not within "a/secret")
    bool pull = true;  // take messages from our push
    bool rep = true;   // serve our req

    static rights none();
    // As in a file of keys: words like sub=eur.,usd. push=orders pull; what is not named is not allowed; no word at all
    // is everything. `malformed`.
    static result<rights> parse(std::string_view words);
    bool operator==(const rights&) const = default;
};

// Somebody in the handshake, with a key that is proved to be its own.
struct applicant {
    public_key key;
    std::string address;   // tcp: the peer's IP address; ipc: "pid 71 uid 1000"
    std::string_view own;  // our pattern: "pull"
};

class GODWIT_EXPORT access_list {
public:
    access_list();                // nobody
    static access_list anyone();  // everybody who knows our public key: encrypted, not authenticated

    // A file of public keys, one a line, each followed by its rights, if not all: see rights::parse. Empty lines and
    // those that begin with '#' are passed over. `not_found`, `malformed` (names the line), `insecure` (others than
    // its owner and root may write it, or it is a link), `too_large` (more than keys_max), `io`. Blocks on files.
    static result<access_list> load(const std::filesystem::path& file);
    // The same for this list: keys that are gone from the file are revoked. On failure nothing changes.
    status reload(const std::filesystem::path& file);

    static constexpr std::size_t keys_max = 100'000;
    status allow(const public_key& key,
                 const rights& may = {});  // `too_large`, `malformed`. Changed rights end its links
    // Ends the peer's live links, and refuses it from now on, whatever the judge says. What it sent before and was not
    // received yet is refused, too. A link is known to be the key's once the peer has sent something on it (a message, a
    // subscription): a push, and a req that was not answered yet, cannot know, and end all the links of theirs that they
    // cannot name; the allowed come back.
    void revoke(const public_key& key);
    std::vector<public_key> keys() const;  // listed by load() and allow()

    // Asked for each peer that is not listed: its rights, or nullopt to refuse it. One that throws, or takes longer than
    // handshake_max, refuses. Nothing remembers its answers: it is asked at each handshake.
    using judge = std::function<std::optional<rights>(const applicant&)>;
    void ask(judge whom);

    struct state;

private:
    friend struct access;
    std::shared_ptr<state> state_;
};

}  // namespace godwit
