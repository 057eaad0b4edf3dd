#include "godwit/pub.hpp"

#include "core/no_stop.hpp"
#include "core/outgoing_message.hpp"
#include "core/record_of.hpp"
#include "core/sender_verbs.hpp"

namespace godwit {

namespace {

constexpr std::size_t topic_bytes_max = 64u << 10;

status check_topic(std::string_view topic) {
    if (topic.size() <= topic_bytes_max) return {};
    return error{errc::too_large, std::to_string(topic.size()) + " bytes", "a topic has at most 64 KiB"};
}

result<receipt> publish_record(detail::plain_socket& socket, const detail::record_parts& what,
                               const send_options& options) {
    if (auto fits = check_topic(what.topic); !fits) return fits.error();
    if (auto fine = detail::check_terms(options); !fine) return fine.error();
    return detail::send_record(socket, what, detail::limit_of(options, socket), options.stop);
}

// A plain pub never waits, so that its timeout says nothing.
result<receipt> publish(detail::plain_socket& socket, std::string_view topic, const detail::outgoing& out) {
    if (auto fits = check_topic(topic); !fits) return fits.error();
    if (auto sent = socket.send(out, timeout::never, detail::no_stop); !sent) return sent.error();
    return receipt{};
}

}  // namespace

pub::pub(context& owner, const socket_options& options)
    : socket{owner, static_cast<int>(detail::pattern::pub), options} {}
pub::pub(context& owner, assembly&& modules)
    : socket{owner, static_cast<int>(detail::pattern::pub), std::move(modules)} {}

result<receipt> pub::send(std::string_view topic, bytes body) {
    if (state().engine() != nullptr) return publish_record(state(), {.topic = topic, .body = body}, {});
    const bytes frames[] = {as_bytes(topic), body};
    return publish(state(), topic, {frames});
}

result<receipt> pub::send(std::string_view topic, bytes body, const send_options& options) {
    if (state().engine() != nullptr) {
        const detail::record_of record{body, options, topic};
        return publish_record(state(), record.parts(), options);
    }
    if (auto fine = detail::check_plain(options); !fine) return fine.error();
    const detail::outgoing_message whole{body, options, topic, true};
    return publish(state(), topic, whole.frames());
}

result<receipt> pub::send(const message& message) {
    if (state().engine() != nullptr) return publish_record(state(), detail::record_of{message}.parts(), {});
    const bytes no_topic[1] = {};
    const std::span<const bytes> envelope = message.frame_count() == 1 ? std::span{no_topic} : std::span<const bytes>{};
    const detail::outgoing_message whole{message, envelope};
    return publish(state(), message.topic(), whole.frames());
}

result<std::size_t> pub::send_many(std::span<const message> messages) {
    std::size_t taken = 0;
    for (const message& one : messages) {
        if (auto sent = send(one); !sent) {
            if (taken == 0) return sent.error();
            break;
        }
        ++taken;
    }
    return taken;
}

std::size_t pub::subscribers(std::string_view topic) const {
    if (state().forked()) return 0;
    const auto hold = state().turn();
    if (!state().check_open()) return 0;
    state().refresh();
    state().hand_on_if_waited();
    return state().subscribers(topic);
}

status pub::wait_for_subscribers(std::string_view topic, std::size_t count, timeout limit,
                                 const std::stop_token& stop) {
    auto enough = [&] { return state().subscribers(topic) >= count ? detail::io::done : detail::io::would_block; };
    return state().wait(detail::want::news, limit.deadline(), stop, enough, true);
}

status pub::flush(stage wanted, timeout limit, const std::stop_token& stop) {
    return state().flush(wanted, limit, stop);
}

}  // namespace godwit
