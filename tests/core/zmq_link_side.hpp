// zmq_link_side: one end of links over ipc and tcp: a carrier with what a socket lends it, and the sleep of a lone caller.
#pragma once
#include <poll.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/context_state.hpp"
#include "core/host_names.hpp"
#include "core/tcp_address.hpp"
#include "core/zmq_carrier.hpp"

namespace godwit::testing {

using namespace godwit::detail;

struct zmq_link_side : tended, std::enable_shared_from_this<zmq_link_side> {
    static std::shared_ptr<zmq_link_side> make(context_state& home, const socket_options& wanted = {}) {
        auto made = std::make_shared<zmq_link_side>();
        made->options = wanted;
        made->options.redial_min = std::chrono::milliseconds{5};
        made->options.redial_max = std::chrono::milliseconds{20};
        const surroundings around{pattern::link, made->options, made->peers, made->bell, made->goodbye, pattern::push};
        made->carried = zmq_carrier::make(home, around, made->weak_from_this()).value();
        return made;
    }
    // It may be the runner that lets go last: it must not wait for itself.
    ~zmq_link_side() override { shut({}); }
    status close(std::chrono::milliseconds linger) {
        shut(linger);
        return goodbye->wait_until(std::chrono::steady_clock::now() + std::chrono::seconds{20});
    }
    void shut(std::chrono::milliseconds linger) {
        const std::lock_guard hold{turn};
        if (carried == nullptr) return;
        carried->shut(linger);
        carried.reset();
    }

    std::uint64_t activity() const noexcept override { return 0; }
    bool watched() const noexcept override { return false; }
    std::uint64_t sent_messages() const noexcept override { return 0; }
    std::uint64_t received_bytes() const noexcept override { return 0; }
    bool tend() override {
        const std::lock_guard hold{turn};
        if (carried != nullptr) (void)carried->refresh();
        bell->ring_always();
        return false;
    }
    bool dial_again(const std::string& url) override {
        const std::lock_guard hold{turn};
        ++redials;
        return carried != nullptr && static_cast<zmq_carrier&>(*carried).dial_again(url);
    }
    bool look_up_again(const std::string&) override { return false; }

    std::string bind(const std::string& url) {
        const std::lock_guard hold{turn};
        return carried->bind(at(url, direction::bind)).value();
    }
    std::string dial(const std::string& url) {
        const std::lock_guard hold{turn};
        return carried->dial(at(url, direction::connect), {}).value();
    }
    io send(const std::string& peer, std::string_view text) {
        const std::lock_guard hold{turn};
        const bytes frame = as_bytes(text);
        return carried->try_send({.frames = {&frame, 1}, .peer = peer});
    }
    // Until `there`, called with the turn, says so; false after 20 seconds without a signal.
    template <class There>
    bool wait(There&& there) {
        std::unique_lock hold{turn};
        for (;;) {
            bell->arm();
            (void)carried->refresh();
            if (there()) return bell->disarm(false), true;
            hold.unlock();
            pollfd watched[] = {{bell->descriptor(), POLLIN, 0}, {carried->descriptor(), POLLIN, 0}};
            const int ready = ::poll(watched, 2, 20'000);
            hold.lock();
            bell->disarm((watched[0].revents & POLLIN) != 0);
            if (ready <= 0) return false;
        }
    }
    // The next message: whose, and its last frame.
    std::pair<std::string, std::string> recv() {
        std::string peer, text;
        const bool came = wait([&] { return received(peer, text); });
        return came ? std::pair{peer, text} : std::pair<std::string, std::string>{"nobody", ""};
    }
    bool received(std::string& peer, std::string& text) {
        message content;
        incoming in{content, &peer};
        if (carried->try_recv(in) != io::done) return false;
        text = as_text(content.frame(content.frame_count() - 1));
        return true;
    }
    bool wait_for(event_kind kind, std::string_view words = {}) {
        while (auto happened = peers->next_event(std::chrono::seconds{20}, {})) {
            if (happened->kind == kind && happened->detail.find(words) != std::string::npos) return true;
        }
        return false;
    }

    static endpoint at(const std::string& url, direction use) {
        endpoint where = parse_endpoint(url, use).value();
        (void)resolve(where, use, look_up_host).value();
        return where;
    }

    socket_options options;
    std::shared_ptr<peer_table> peers = std::make_shared<peer_table>(1024);
    std::shared_ptr<doorbell> bell = doorbell::make().value();
    std::shared_ptr<farewell> goodbye = std::make_shared<farewell>();
    std::mutex turn;
    int redials = 0;
    std::unique_ptr<carrier> carried;
};

}  // namespace godwit::testing
