// inproc_registry: the inproc names of one context: who is bound to each, who connects to it, and the pairs that they
// form, in whatever order they come. A connect whose binder goes away waits for the next one.
// Everything that seldom happens goes through its one lock; messages never do.
// Threads: thread-safe. Below its lock only the peer tables' locks are taken.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/inproc_pipe.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

class GODWIT_EXPORT inproc_registry {
public:
    status bind(const std::string& name, const std::shared_ptr<inproc_end>& binder);  // `address_in_use`
    // `queue` outlives the pipes of this connect; null if each pipe gets its own. Returns the connect's id.
    std::uint64_t connect(const std::string& name, const std::shared_ptr<inproc_end>& connecter,
                          std::shared_ptr<ring> queue);
    void unbind(const std::string& name, const inproc_end& binder);
    void disconnect(const std::string& name, std::uint64_t connect_id);

    // What happened to the pipes of an end, oldest first.
    std::vector<pipe_news> fetch_news(inproc_end& own);
    void give_back(inproc_end& own, std::vector<pipe_news>&& news, std::size_t adopted);  // all but the first so many

    // Of a sub; the pubs at its pipes know of it when this returns.
    void subscribe(inproc_end& own, std::string_view prefix);
    void unsubscribe(inproc_end& own, std::string_view prefix);

    // The pipe's peers part for a reason that both are told, and join again.
    void rejoin(inproc_pipe& pipe, std::string_view reason);
    // They part, and stay apart until one of them binds the name anew or calls pair_again.
    void end(const inproc_pipe& pipe, side leaver, std::string_view reason);
    void pair_again(const std::string& name, std::uint64_t connect_id);

private:
    struct connecter {
        std::shared_ptr<inproc_end> end;
        std::shared_ptr<ring> queue;
        std::shared_ptr<inproc_pipe> pipe;  // null: waits for a binder
    };
    struct place {
        std::shared_ptr<inproc_end> binder;  // null: only connects so far
        std::map<std::uint64_t, connecter> connects;
    };

    // All with the lock held.
    void pair(const std::string& name, place& here, std::uint64_t connect_id, connecter& who);
    void take_away_binder(const std::string& name);
    void take_away_connect(const std::string& name, std::uint64_t connect_id);
    void part(connecter& who, side leaver, std::string_view reason);
    void note(const std::shared_ptr<inproc_pipe>& pipe, std::string_view prefix, bool wanted);
    static void join_rows(inproc_pipe& pipe);
    static void part_rows(inproc_pipe& pipe, std::string_view reason);

    std::mutex lock_;
    // Guarded by lock_:
    std::map<std::string, place> places_;
    std::uint64_t last_id_ = 0;
};

}  // namespace godwit::detail
