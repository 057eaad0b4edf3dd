#include "core/link_engine.hpp"

#include <new>

#include "base/access_state.hpp"
#include "core/plain_socket.hpp"
#include "core/runner.hpp"

namespace godwit::detail {

link_engine::link_engine(plain_socket& of, assembly_parts&& with) : socket_{of}, with_{std::move(with)} {}

link_engine::~link_engine() {
    if (desk_number_ != 0) forget_desk(desk_number_);
}

status link_engine::open() {
    if (protocol_ != nullptr) return {};
    if (!with_.fits) return with_.fits;
    if (!with_.make_protocol) {
        const std::string_view lone = with_.log != nullptr ? with_.log_name : with_.layers.front()->name();
        return error{errc::invalid_argument, lone, "it works on top of the ack_retry module only: give that, too"};
    }
    auto side = socket_.home_->start();
    if (!side) return side.error();
    const std::shared_ptr<link_engine> self{socket_.shared_from_this(), this};
    if (with_.log == nullptr && own_log_ == nullptr) own_log_ = make_memory_log(with_.memory);
    record_log& log = with_.log != nullptr ? *with_.log : *own_log_;
    std::vector<layer*> layers;
    for (const auto& one : with_.layers) layers.push_back(one.get());
    runner_ = side->attendant;
    const auto wake = waker();
    if (!std::exchange(listens_, true)) log.on_event(wake);
    auto made = with_.make_protocol(static_cast<int>(socket_.own_));
    const auto& options = socket_.options_;
    if (auto opened = made->open({socket_.own_, system_time(), system_random(), *this, log, std::move(layers), self,
                                  options.message_bytes_max, with_.from, wake});
        !opened) {
        return opened;
    }
    for (const auto& [filter, times] : socket_.subscriptions_) {
        if (times == 0) continue;
        if (auto taken = made->subscribe(filter); !taken) return taken;
    }
    auto watch = std::make_shared<link_watch>(socket_.weak_from_this(), pulse_, socket_.bell_);
    if (auto added = side->attendant->add(std::move(watch)); !added) return added.error();
    if (desk_number_ == 0) desk_number_ = register_desk(self);
    protocol_ = std::move(made);
    return {};
}

// By which a log or a layer tells, on any thread, that it has got further.
std::function<void()> link_engine::waker() const {
    return [pulse = pulse_, bell = socket_.bell_, runner = std::weak_ptr{runner_}] {
        pulse->look.store(true);
        bell->ring_always();
        if (!pulse->resting.exchange(false)) return;
        if (const auto there = runner.lock()) there->nudge();
    };
}

void link_engine::dialled(carrier& by, std::string_view name, std::string_view url) {
    const peer_number number = names_.dialled(by, name, url);
    protocol_->dials(number);
    pump();
    wake_watch();
}

void link_engine::dials_no_more(std::string_view url) {
    const auto number = names_.dialled_at(url);
    if (!number) return;
    protocol_->dials_no_more(*number);
    pump();
    names_.forget(*number);
}

link_port::sent link_engine::send(peer_number to, bytes envelope, const message* body) {
    const link_names::known* const who = names_.who(to);
    if (who == nullptr) return sent::gone;
    touched_ = true;
    const bytes frames[] = {envelope, body != nullptr ? body->body() : bytes{}};
    outgoing out{{frames, body != nullptr ? 2u : 1u}};
    out.peer = who->name;
    if (body != nullptr && body->frame_count() == 1) {
        out.owner = const_cast<message*>(body);  // only read
        out.owner_first = 1;
    }
    switch (who->by->try_send(out)) {
        case io::done:
            return sent::done;
        case io::would_block:
            busy_ = true;
            return sent::busy;
        case io::unreachable:
            break;
    }
    if (who->url.empty()) names_.forget(to);
    return sent::gone;
}

void link_engine::end(peer_number which) {
    if (const auto* const who = names_.who(which)) who->by->end_peer(who->name, "it broke the protocol");
}

std::string_view link_engine::key_of(peer_number which) const {
    const auto* const who = names_.who(which);
    return who != nullptr ? std::string_view{who->key} : std::string_view{};
}

// Whom we have dialled we have named; inproc is not judged.
std::shared_ptr<const rights> link_engine::rights_of(peer_number which) const {
    const auto* const who = socket_.options_.allow ? names_.who(which) : nullptr;
    if (who == nullptr || !who->url.empty() || who->by == socket_.inproc_.get()) return {};
    auto may = access::of(*socket_.options_.allow).rights_of(who->by->who(who->name));
    return may != nullptr ? may : std::make_shared<const rights>(rights::none());
}

void link_engine::report(event_kind what, peer_number which, std::string_view detail) {
    const auto* const who = names_.who(which);
    socket_.peers_->report(what, who != nullptr ? who->url : std::string{}, detail);
}

bool link_engine::awaits_message() const noexcept { return socket_.room_.anyone_waits(want::in); }

bool link_engine::asked_to_look() const noexcept {
    return pulse_->look.load(std::memory_order_relaxed) || socket_.room_.anyone_asleep();
}

void link_engine::after_slowly() noexcept {
    try {
        if (calls_left_ <= 0 || unread_bytes_ >= bytes_without_a_look || touched_ ||
            pulse_->look.load(std::memory_order_relaxed)) {
            pump();
        }
        if (protocol_ != nullptr && !closing_ && socket_.room_.anyone_asleep()) {
            const readiness now = ready();
            socket_.news_ = socket_.news_ || now.news;
            socket_.hand_on(now, nullptr);
        }
    } catch (const std::bad_alloc&) {
        socket_.bell_->ring_always();
        wake_watch();
    }
}

readiness link_engine::ready() {
    if (protocol_ == nullptr) return {};
    const auto now = protocol_->ready();
    return {now.in || replies_fetched_ != 0, now.out, std::exchange(news_, false) || now.news};
}

void link_engine::wake_watch() noexcept {
    if (runner_ != nullptr && pulse_->resting.exchange(false)) runner_->nudge();
}

void link_engine::on_settled(settled_handler what, std::shared_ptr<callback_thread> there) {
    on_settled_ = std::move(what);
    callbacks_ = std::move(there);
}

delivery_stats link_engine::stats() const { return protocol_ != nullptr ? protocol_->stats() : last_stats_; }

}  // namespace godwit::detail
