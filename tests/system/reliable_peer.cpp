// Reliable sockets, driven by a script on standard input: the peer that the tests of ack_retry kill, stop and restart.
// Bodies are words. What a worker has handled stands in a file, written by one call each, so that it survives a kill.
#include <fcntl.h>
#include <unistd.h>

#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"
#include "system/script.hpp"

namespace {

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
    std::deque<godwit::delivery> in_hand;
    std::deque<godwit::request> requests;
    std::deque<godwit::pending> asked;
    std::jthread worker;
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

void set(godwit::ack_retry& module, godwit::socket_options& options, const std::string& field,
         const std::string& value) {
    if (field == "redial")
        options.redial_max = script::duration(value);
    else if (field == "handshake")
        options.handshake_max = script::duration(value);
    else if (field == "identity")
        module.identity = value;
    else if (field == "heartbeat")
        module.heartbeat = script::duration(value);
    else if (field == "lease")
        module.lease = script::duration(value);
    else if (field == "credit")
        module.credit_messages = static_cast<std::uint32_t>(script::number(value));
    else if (field == "attempts")
        module.attempts_max = static_cast<std::uint32_t>(script::number(value));
    else if (field == "backoff")
        module.backoff_min = module.backoff_max = script::duration(value);
    else if (field == "log")
        module.log_bytes_max = script::number(value);
    else if (field == "handler")
        module.handler_max = script::duration(value);
    else
        throw std::runtime_error{"no option " + field};
}

// new NAME PATTERN [OPTION=VALUE…]
std::string make(const words& w) {
    godwit::ack_retry module;
    godwit::socket_options options{.redial_min = std::chrono::milliseconds{10},
                                   .redial_max = std::chrono::milliseconds{100}};
    for (std::size_t i = 2; i < w.size(); ++i) {
        const auto equals = w[i].find('=');
        set(module, options, w[i].substr(0, equals), w[i].substr(equals + 1));
    }
    auto& made = sockets[w.at(0)];
    const auto& pattern = w.at(1);
    if (pattern == "push")
        made.base = &made.push.emplace(ctx, module, options);
    else if (pattern == "pull")
        made.base = &made.pull.emplace(ctx, module, options);
    else if (pattern == "pub")
        made.base = &made.pub.emplace(ctx, module, options);
    else if (pattern == "sub")
        made.base = &made.sub.emplace(ctx, module, options);
    else if (pattern == "req")
        made.base = &made.req.emplace(ctx, module, options);
    else if (pattern == "rep")
        made.base = &made.rep.emplace(ctx, module, options);
    else
        return "error unknown_pattern";
    return "ok";
}

std::string bind(const words& w) {
    const auto bound = named(w.at(0)).base->bind(w.at(1));
    return bound ? "ok " + *bound : failure(bound.error());
}

// send NAME BODY [idempotent]
std::string send(const words& w) {
    auto& to = named(w.at(0));
    if (to.push) return told(to.push->send(w.at(1)));
    if (to.pub) return told(to.pub->send("", w.at(1)));
    auto asked = to.req.value().send(w.at(1), {.idempotent = w.size() > 2});
    if (asked) to.asked.push_back(std::move(*asked));
    return told(asked);
}

// flood NAME FIRST COUNT [SIZE]: bodies are the numbers, and so many bytes.
std::string flood(const words& w) {
    auto& to = named(w.at(0));
    const auto first = script::number(w.at(1));
    for (auto i = first; i < first + script::number(w.at(2)); ++i) {
        const auto body = std::to_string(i) + (w.size() > 3 ? "-" + std::string(script::number(w[3]), 'x') : "");
        const auto sent = to.pub ? to.pub->send("", body) : to.push.value().send(body);
        if (!sent) return failure(sent.error());
    }
    return "ok";
}

template <class Kept>
std::string keep(godwit::result<typename Kept::value_type> got, Kept& in) {
    if (!got) return failure(got.error());
    in.push_back(std::move(*got));
    return "ok " + std::string{in.back().text()} + " " + std::to_string(in.back().attempt());
}

// recv NAME MS: "ok BODY ATTEMPT", and keeps it in hand. Of a req: the reply to the oldest request.
std::string recv(const words& w) {
    auto& from = named(w.at(0));
    const auto limit = script::duration(w.at(1));
    if (from.pull) return keep(from.pull->recv(limit), from.in_hand);
    if (from.sub) return keep(from.sub->recv(limit), from.in_hand);
    if (from.rep) return keep(from.rep->recv(limit), from.requests);
    const auto reply = from.asked.at(0).wait(limit);
    return reply ? "ok " + std::string{reply->text()} : failure(reply.error());
}

// ack NAME: all that is in hand.
std::string ack(const words& w) {
    auto& by = named(w.at(0));
    for (auto& each : by.in_hand) each.ack();
    by.in_hand.clear();
    return "ok";
}

// reply NAME BODY: to the oldest request.
std::string reply(const words& w) {
    auto& by = named(w.at(0));
    const auto done = by.requests.at(0).reply(w.at(1));
    by.requests.pop_front();
    return told(done);
}

// work NAME FILE [MS]: from now on, in the background: receives, takes its time, writes the body (its first 40 bytes) to FILE, then acks. A
// body that begins with "kill" ends the process while it is in hand.
std::string work(const words& w) {
    auto& by = named(w.at(0));
    const int file = ::open(w.at(1).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return "error io";
    const auto pause = w.size() > 2 ? script::duration(w[2]) : std::chrono::milliseconds{0};
    by.worker = std::jthread{[&by, file, pause](const std::stop_token& stop) {
        while (auto got = by.sub ? by.sub->recv(godwit::timeout::never, stop)
                                 : by.pull.value().recv(godwit::timeout::never, stop)) {
            if (got->text().starts_with("kill")) ::_exit(9);
            if (pause.count() > 0) std::this_thread::sleep_for(pause);
            const auto line = std::string{got->text().substr(0, 40)} + " " + std::to_string(got->attempt()) + "\n";
            if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) break;
            got->ack();
        }
        ::close(file);
    }};
    return "ok";
}

// count NAME FIELD: of delivery_stats.
std::string count(const words& w) {
    const auto of = named(w.at(0)).base->delivery_counters();
    const std::map<std::string, std::uint64_t> fields{{"acked", of.acked},
                                                      {"unsettled", of.unsettled},
                                                      {"stale", of.stale_settlements},
                                                      {"fenced", of.fenced},
                                                      {"duplicates", of.duplicates},
                                                      {"malformed", of.malformed},
                                                      {"links", of.links},
                                                      {"dead", of.dead},
                                                      {"redelivered", of.redelivered}};
    return "ok " + std::to_string(fields.at(w.at(1)));
}

std::string event(const words& w) {
    const auto next = named(w.at(0)).base->next_event(script::duration(w.at(1)));
    return next ? "ok " + std::string{name(next->kind)} + " " + next->detail : failure(next.error());
}

const script::commands known{
    {"new", make},
    {"bind", bind},
    {"connect", [](const words& w) { return told(named(w.at(0)).base->connect(w.at(1))); }},
    {"subscribe", [](const words& w) { return told(named(w.at(0)).sub.value().subscribe(w.size() > 1 ? w[1] : "")); }},
    {"send", send},
    {"flood", flood},
    {"flush",
     [](const words& w) {
         return told(named(w.at(0)).push.value().flush(godwit::stage::processed, script::duration(w.at(1))));
     }},
    {"recv", recv},
    {"ack", ack},
    {"reply", reply},
    {"work", work},
    {"count", count},
    {"event", event},
    {"refused", [](const words& w) { return "ok " + std::to_string(named(w.at(0)).base->stats().refused_handshakes); }},
    {"close", [](const words& w) { return told(named(w.at(0)).base->close(script::duration(w.at(1)))); }},
};

}  // namespace

int main() {
    const int status = script::run(known);
    for (auto& [name, each] : sockets) each.worker = {};  // stops and joins, before what it uses
    sockets.clear();
    return status;
}
