#include "core/inproc_registry.hpp"

#include <algorithm>
#include <utility>

#include "base/asymmetric_fence.hpp"

namespace godwit::detail {

namespace {

std::string url_of(const std::string& name) { return "inproc://" + name; }

std::string kind_of(const inproc_end& end) {
    return std::string{name(end.shown)}.append(end.own == pattern::link ? " with modules" : "");
}

std::string never_pair(const inproc_end& own, const inproc_end& other) {
    return "this is a " + kind_of(own) + ", the other side a " + kind_of(other) + ": they never pair";
}

void post(inproc_end& to, pipe_news&& news) {
    to.inbox.push_back(std::move(news));
    to.news.store(true, std::memory_order_release);
}

void post_left(const std::shared_ptr<inproc_pipe>& pipe, side to, bool it_left) {
    inproc_end& end = *pipe->ends[to];
    std::erase(end.pipes, pipe);
    const auto& unread = pipe->rings[opposite(to)];
    // An end that nobody calls need not remember pipes that came and went with nothing in them.
    const auto is_ours = [&](const pipe_news& news) { return news.pipe == pipe; };
    const bool unseen = std::any_of(end.inbox.begin(), end.inbox.end(), [&](const pipe_news& news) {
        return is_ours(news) && news.what == pipe_news::kind::joined;
    });
    if (unseen && (it_left || unread == nullptr || unread->size() == 0)) {
        std::erase_if(end.inbox, is_ours);
        return;
    }
    post(end, {it_left ? pipe_news::kind::we_left : pipe_news::kind::they_left, to, pipe});
}

}  // namespace

status inproc_registry::bind(const std::string& name, const std::shared_ptr<inproc_end>& binder) {
    const std::lock_guard held{lock_};
    place& here = places_[name];
    if (here.binder != nullptr) {
        return error{errc::address_in_use, url_of(name), "another socket of this context is bound to this name"};
    }
    here.binder = binder;
    try {
        for (auto& [id, who] : here.connects) pair(name, here, id, who);
    } catch (...) {
        take_away_binder(name);
        throw;
    }
    return {};
}

void inproc_registry::take_away_binder(const std::string& name) {
    const auto found = places_.find(name);
    for (auto& [id, who] : found->second.connects) part(who, side::binding, "the binding side left");
    found->second.binder = nullptr;
    if (found->second.connects.empty()) places_.erase(found);
}

std::uint64_t inproc_registry::connect(const std::string& name, const std::shared_ptr<inproc_end>& connecter_end,
                                       std::shared_ptr<ring> queue) {
    const std::lock_guard held{lock_};
    place& here = places_[name];
    const std::uint64_t id = ++last_id_;
    connecter& who = here.connects[id];
    who = {connecter_end, std::move(queue), nullptr};
    try {
        if (here.binder != nullptr) pair(name, here, id, who);
    } catch (...) {
        take_away_connect(name, id);
        throw;
    }
    return id;
}

void inproc_registry::take_away_connect(const std::string& name, std::uint64_t connect_id) {
    const auto found = places_.find(name);
    if (found == places_.end()) return;
    const auto who = found->second.connects.find(connect_id);
    if (who == found->second.connects.end()) return;
    part(who->second, side::connecting, "the connecting side left");
    found->second.connects.erase(who);
    if (found->second.connects.empty() && found->second.binder == nullptr) places_.erase(found);
}

void inproc_registry::unbind(const std::string& name, const inproc_end& binder) {
    const std::lock_guard held{lock_};
    const auto found = places_.find(name);
    if (found != places_.end() && found->second.binder.get() == &binder) take_away_binder(name);
}

void inproc_registry::disconnect(const std::string& name, std::uint64_t connect_id) {
    const std::lock_guard held{lock_};
    take_away_connect(name, connect_id);
}

std::vector<pipe_news> inproc_registry::fetch_news(inproc_end& own) {
    const std::lock_guard held{lock_};
    own.news.store(false, std::memory_order_relaxed);
    std::vector<pipe_news> news = std::exchange(own.inbox, {});
    for (pipe_news& one : news) {
        if (one.what != pipe_news::kind::subscriptions || !one.changes.empty()) continue;
        one.changes = std::exchange(one.pipe->changes, {});
        one.pipe->changes_posted = false;
    }
    return news;
}

void inproc_registry::give_back(inproc_end& own, std::vector<pipe_news>&& news, std::size_t adopted) {
    const std::lock_guard held{lock_};
    news.erase(news.begin(), news.begin() + static_cast<std::ptrdiff_t>(adopted));
    std::swap(own.inbox, news);
    own.inbox.insert(own.inbox.end(), std::make_move_iterator(news.begin()), std::make_move_iterator(news.end()));
    own.news.store(true, std::memory_order_release);
}

void inproc_registry::subscribe(inproc_end& own, std::string_view prefix) {
    const std::lock_guard held{lock_};
    const auto [mine, is_new] = own.subscriptions.try_emplace(std::string{prefix}, 0u);
    if (!is_new) return void(++mine->second);
    std::size_t told = 0;
    try {
        for (; told < own.pipes.size(); ++told) note(own.pipes[told], prefix, true);
    } catch (...) {
        while (told-- > 0) note(own.pipes[told], prefix, false);
        own.subscriptions.erase(mine);
        throw;
    }
    mine->second = 1;
}

void inproc_registry::unsubscribe(inproc_end& own, std::string_view prefix) {
    const std::lock_guard held{lock_};
    const auto found = own.subscriptions.find(std::string{prefix});
    if (found == own.subscriptions.end() || --found->second != 0) return;
    own.subscriptions.erase(found);
    for (const auto& pipe : own.pipes) note(pipe, prefix, false);
}

void inproc_registry::rejoin(inproc_pipe& pipe, std::string_view reason) {
    const std::lock_guard held{lock_};
    const auto& pipes = pipe.ends[side::binding]->pipes;
    const bool still_joined =
        std::any_of(pipes.begin(), pipes.end(), [&](const auto& one) { return one.get() == &pipe; });
    if (!still_joined) return;
    part_rows(pipe, reason);
    join_rows(pipe);
}

void inproc_registry::end(const inproc_pipe& pipe, side leaver, std::string_view reason) {
    const std::lock_guard held{lock_};
    const auto found = places_.find(pipe.name);
    if (found == places_.end()) return;
    const auto who = found->second.connects.find(pipe.connect_id);
    if (who != found->second.connects.end() && who->second.pipe.get() == &pipe) part(who->second, leaver, reason);
}

void inproc_registry::pair_again(const std::string& name, std::uint64_t connect_id) {
    const std::lock_guard held{lock_};
    const auto found = places_.find(name);
    if (found == places_.end() || found->second.binder == nullptr) return;
    const auto who = found->second.connects.find(connect_id);
    if (who == found->second.connects.end() || who->second.pipe != nullptr) return;
    pair(name, found->second, connect_id, who->second);
}

void inproc_registry::pair(const std::string& name, place& here, std::uint64_t connect_id, connecter& who) {
    inproc_end& connecting = *who.end;
    inproc_end& binding = *here.binder;
    if (&connecting == &binding) {
        return connecting.peers->report(event_kind::mismatch_suspected, url_of(name),
                                        "this socket is both sides: they never pair");
    }
    if (counterpart(connecting.own) != binding.own) {
        connecting.peers->report(event_kind::mismatch_suspected, url_of(name), never_pair(connecting, binding));
        binding.peers->report(event_kind::mismatch_suspected, url_of(name), never_pair(binding, connecting));
        return;
    }

    // As over ipc and tcp, the writer's queue and the reader's are one behind the other.
    const std::size_t both = connecting.queue_messages_max + binding.queue_messages_max;
    per_side<std::shared_ptr<ring>> rings;
    if (who.queue != nullptr) {
        who.queue->set_limit(both);
        rings[side::connecting] = who.queue;
    } else if (sends(connecting.own)) {
        rings[side::connecting] = std::make_shared<ring>(both);
    }
    if (sends(binding.own)) rings[side::binding] = std::make_shared<ring>(both);

    auto pipe = std::make_shared<inproc_pipe>(inproc_pipe{
        ++last_id_, name, connect_id, {{who.end, here.binder}}, std::move(rings), who.queue != nullptr, {}, {}, false});
    who.pipe = pipe;
    connecting.pipes.push_back(pipe);
    binding.pipes.push_back(pipe);
    post(connecting, {pipe_news::kind::joined, side::connecting, pipe});
    post(binding, {pipe_news::kind::joined, side::binding, pipe});
    const inproc_end* const subscriber = connecting.own == pattern::sub ? &connecting
                                         : binding.own == pattern::sub  ? &binding
                                                                        : nullptr;
    if (subscriber != nullptr) {
        for (const auto& [prefix, copies] : subscriber->subscriptions) note(pipe, prefix, true);
    }
    // A writer who queues into a ring that is handed on, and has not seen the news, knows no bell to ring: after the
    // fence it sees the news behind what it writes, or the reader sees what it has written.
    if (pipe->handed_on) heavy_fence();
    connecting.bell->ring();
    binding.bell->ring();
    join_rows(*pipe);
}

void inproc_registry::part(connecter& who, side leaver, std::string_view reason) {
    const std::shared_ptr<inproc_pipe> pipe = std::exchange(who.pipe, nullptr);
    if (pipe == nullptr) return;
    if (who.queue != nullptr) who.queue->set_limit(who.end->queue_messages_max);
    post_left(pipe, leaver, true);
    post_left(pipe, opposite(leaver), false);
    part_rows(*pipe, reason);
    for (const auto& end : pipe->ends.values) end->bell->ring();
}

void inproc_registry::note(const std::shared_ptr<inproc_pipe>& pipe, std::string_view prefix, bool wanted) {
    const side publisher = pipe->ends[side::binding]->own == pattern::pub ? side::binding : side::connecting;
    inproc_end& to = *pipe->ends[publisher];
    if (!pipe->changes_posted) post(to, {pipe_news::kind::subscriptions, publisher, pipe});
    pipe->changes_posted = true;
    // A change that takes back the one before it leaves nothing to tell: what waits is bounded by the two sets.
    const auto [change, is_new] = pipe->changes.try_emplace(std::string{prefix}, wanted);
    if (!is_new) pipe->changes.erase(change);
    to.bell->ring();
}

void inproc_registry::join_rows(inproc_pipe& pipe) {
    const std::string url = url_of(pipe.name);
    for (const side own : {side::connecting, side::binding}) pipe.rows[own] = pipe.ends[own]->peers->joined(url, url);
}

void inproc_registry::part_rows(inproc_pipe& pipe, std::string_view reason) {
    for (const side own : {side::connecting, side::binding}) pipe.ends[own]->peers->left(pipe.rows[own], reason);
}

}  // namespace godwit::detail
