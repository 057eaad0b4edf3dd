// Godwit's sockets, driven by a script on standard input: the peer of the system tests, and ours in the interop tests.
#include <cstdlib>
#include <deque>
#include <optional>

#include "godwit/godwit.hpp"
#include "system/script.hpp"

namespace {

using script::hex;
using script::unhex;
using script::words;

godwit::context ctx;

struct any_socket {
    std::optional<godwit::push> push;
    std::optional<godwit::pull> pull;
    std::optional<godwit::pub> pub;
    std::optional<godwit::sub> sub;
    std::optional<godwit::req> req;
    std::optional<godwit::rep> rep;
    godwit::socket* base = nullptr;
    std::deque<godwit::pending> asked;
    std::deque<godwit::request> taken;
};

std::map<std::string, any_socket> sockets;

any_socket& named(const std::string& name) {
    const auto found = sockets.find(name);
    if (found == sockets.end()) throw std::runtime_error{"no socket " + name};
    return found->second;
}

std::string failure(const godwit::error& error) {
    return "error " + std::string{name(error.code())} + " " + error.what();
}

template <class T>
std::string told(const godwit::result<T>& result) {
    return result ? "ok" : failure(result.error());
}

godwit::socket_options options_of(const words& w) {
    godwit::socket_options options{.redial_min = std::chrono::milliseconds{10},
                                   .redial_max = std::chrono::milliseconds{100}};
    for (std::size_t i = 2; i < w.size(); ++i) {
        const auto equals = w[i].find('=');
        const auto field = w[i].substr(0, equals);
        const auto value = w[i].substr(equals + 1);
        if (field == "queue")
            options.queue_messages_max = script::number(value);
        else if (field == "limit")
            options.message_bytes_max = script::number(value);
        else if (field == "linger")
            options.linger = script::duration(value);
        else if (field == "keys")
            options.keys = godwit::key_pair::load(value).value();
        else if (field == "allow")
            options.allow =
                value == "anyone" ? godwit::access_list::anyone() : godwit::access_list::load(value).value();
        else if (field == "server")
            options.server_key = godwit::public_key::parse(unhex(value)).value();
        else if (field == "within")
            options.send_timeout = script::duration(value);
        else
            throw std::runtime_error{"no option " + field};
    }
    return options;
}

std::string make(const words& w) {
    auto& made = sockets[w.at(0)];
    const auto options = options_of(w);
    const auto& pattern = w.at(1);
    if (pattern == "push")
        made.base = &made.push.emplace(ctx, options);
    else if (pattern == "pull")
        made.base = &made.pull.emplace(ctx, options);
    else if (pattern == "pub")
        made.base = &made.pub.emplace(ctx, options);
    else if (pattern == "sub")
        made.base = &made.sub.emplace(ctx, options);
    else if (pattern == "req")
        made.base = &made.req.emplace(ctx, options);
    else if (pattern == "rep")
        made.base = &made.rep.emplace(ctx, options);
    else
        return "error unknown_pattern";
    return "ok";
}

// topic=HEX key=HEX header=HEX:HEX… body=HEX, from the given word on.
godwit::result<godwit::message> message_of(const words& w, std::size_t first) {
    std::deque<std::string> kept;
    godwit::message_parts parts;
    const auto keep = [&](const std::string& text) -> std::string_view { return kept.emplace_back(unhex(text)); };
    for (std::size_t i = first; i < w.size(); ++i) {
        const auto equals = w[i].find('=');
        const auto field = w[i].substr(0, equals);
        const auto value = w[i].substr(equals + 1);
        const auto colon = value.find(':');
        if (field == "topic")
            parts.topic = keep(value);
        else if (field == "key")
            parts.key = keep(value);
        else if (field == "body")
            parts.body = godwit::as_bytes(keep(value));
        else if (field == "header")
            parts.headers.push_back({keep(value.substr(0, colon)), keep(value.substr(colon + 1))});
        else
            throw std::runtime_error{"no part " + field};
    }
    return godwit::message::make(parts);
}

godwit::result<godwit::message> frames_of(const words& w, std::size_t first) {
    std::deque<std::string> kept;
    std::vector<godwit::bytes> frames;
    for (std::size_t i = first; i < w.size(); ++i) frames.push_back(godwit::as_bytes(kept.emplace_back(unhex(w[i]))));
    return godwit::message::from_frames(frames);
}

std::string describe(const godwit::message& message) {
    std::string text = "ok topic=" + hex(message.topic()) + " key=" + hex(message.key());
    for (std::size_t i = 0; i < message.header_count(); ++i)
        text += " header=" + hex(message.header_at(i).name) + ":" + hex(message.header_at(i).value);
    text += " body=" + hex(message.text()) + " frames=";
    for (std::size_t i = 0; i < message.frame_count(); ++i)
        text += (i == 0 ? "" : ",") + hex(godwit::as_text(message.frame(i)));
    return text;
}

std::string send(any_socket& to, const godwit::result<godwit::message>& message) {
    if (!message) return failure(message.error());
    if (to.push) return told(to.push->send(*message));
    if (to.pub) return told(to.pub->send(*message));
    if (!to.req) return "error unsupported";
    auto asked = to.req->send(*message);
    if (asked) to.asked.push_back(std::move(*asked));
    return told(asked);
}

template <class Socket>
std::string receive(Socket& from, godwit::timeout limit) {
    const auto got = from.recv(limit);
    return got ? describe(got->message()) : failure(got.error());
}

// recv NAME MS: a message; of a rep a request, kept for reply; of a req the reply to the oldest request.
std::string recv(const words& w) {
    auto& from = named(w.at(0));
    const auto limit = script::duration(w.at(1));
    if (from.pull) return receive(*from.pull, limit);
    if (from.sub) return receive(*from.sub, limit);
    if (from.rep) {
        auto got = from.rep->recv(limit);
        if (!got) return failure(got.error());
        from.taken.push_back(std::move(*got));
        return describe(from.taken.back().message());
    }
    if (!from.req || from.asked.empty()) return "error unsupported";
    const auto reply = from.asked.front().wait(limit);
    if (!reply) return failure(reply.error());
    from.asked.pop_front();
    return describe(*reply);
}

// reply NAME PARTS: to the oldest request.
std::string reply(any_socket& by, const godwit::result<godwit::message>& message) {
    if (!message) return failure(message.error());
    if (by.taken.empty()) return "error nothing_to_reply_to";
    const auto done = by.taken.front().reply(*message);
    by.taken.pop_front();
    return told(done);
}

// flood NAME COUNT SIZE [TOPIC]
std::string flood(const words& w) {
    auto& to = named(w.at(0));
    const auto count = script::number(w.at(1));
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto body = script::numbered(i, script::number(w.at(2)));
        const auto sent = to.pub ? to.pub->send(unhex(w.at(3)), body) : to.push.value().send(body);
        if (!sent) return failure(sent.error());
    }
    return "ok " + std::to_string(count);
}

// drain NAME COUNT MS: receives so many, each within the time; answers with how many came and their sum.
std::string drain(const words& w) {
    auto& from = named(w.at(0));
    const auto count = script::number(w.at(1));
    std::uint64_t came = 0;
    std::uint64_t sum = 0;
    while (came < count) {
        const auto got =
            from.sub ? from.sub->recv(script::duration(w.at(2))) : from.pull.value().recv(script::duration(w.at(2)));
        if (!got) break;
        ++came;
        sum += script::number_in(got->text());
    }
    return "ok " + std::to_string(came) + " " + std::to_string(sum);
}

// echo NAME COUNT MS: answers so many requests with their own frames.
std::string echo(const words& w) {
    auto& by = named(w.at(0));
    for (std::size_t left = script::number(w.at(1)); left > 0; --left) {
        auto got = by.rep.value().recv(script::duration(w.at(2)));
        if (!got) return failure(got.error());
        if (auto done = got->reply(got->message()); !done) return failure(done.error());
    }
    return "ok";
}

std::string event(const words& w) {
    const auto next = named(w.at(0)).base->next_event(script::duration(w.at(1)));
    return next ? "ok " + std::string{name(next->kind)} + " " + next->detail : failure(next.error());
}

std::string bind(const words& w) {
    const auto bound = named(w.at(0)).base->bind(w.at(1));
    return bound ? "ok " + *bound : failure(bound.error());
}

const script::commands known{
    {"new", make},
    {"bind", bind},
    {"connect", [](const words& w) { return told(named(w.at(0)).base->connect(w.at(1))); }},
    {"unbind", [](const words& w) { return told(named(w.at(0)).base->unbind(w.at(1))); }},
    {"disconnect", [](const words& w) { return told(named(w.at(0)).base->disconnect(w.at(1))); }},
    {"subscribe", [](const words& w) { return told(named(w.at(0)).sub.value().subscribe(unhex(w.at(1)))); }},
    {"unsubscribe", [](const words& w) { return told(named(w.at(0)).sub.value().unsubscribe(unhex(w.at(1)))); }},
    {"send", [](const words& w) { return send(named(w.at(0)), message_of(w, 1)); }},
    {"send_frames", [](const words& w) { return send(named(w.at(0)), frames_of(w, 1)); }},
    {"recv", recv},
    {"reply", [](const words& w) { return reply(named(w.at(0)), message_of(w, 1)); }},
    {"reply_frames", [](const words& w) { return reply(named(w.at(0)), frames_of(w, 1)); }},
    {"flood", flood},
    {"drain", drain},
    {"echo", echo},
    {"event", event},
    {"peers",
     [](const words& w) {
         return told(named(w.at(0)).base->wait_for_peers(script::number(w.at(1)), script::duration(w.at(2))));
     }},
    {"subscribers",
     [](const words& w) {  // NAME TOPIC COUNT MS
         return told(named(w.at(0)).pub.value().wait_for_subscribers(unhex(w.at(1)), script::number(w.at(2)),
                                                                     script::duration(w.at(3))));
     }},
    {"stray", [](const words& w) { return "ok " + std::to_string(named(w.at(0)).base->stats().stray_messages); }},
    {"late", [](const words& w) { return "ok " + std::to_string(named(w.at(0)).base->stats().late_replies); }},
    {"close", [](const words& w) { return told(named(w.at(0)).base->close(script::duration(w.at(1)))); }},
};

}  // namespace

int main() { return script::run(known); }
