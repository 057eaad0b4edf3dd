// libzmq's own sockets, driven by a script on standard input: the raw peer of the system tests.
#include <zmq.h>

#include <thread>

#include "system/script.hpp"

namespace {

using script::unhex;
using script::words;

void* const ctx = zmq_ctx_new();
std::map<std::string, void*> sockets;

void* named(const std::string& name) {
    const auto found = sockets.find(name);
    if (found == sockets.end()) throw std::runtime_error{"no socket " + name};
    return found->second;
}

std::string told(int outcome) { return outcome >= 0 ? "ok" : std::string{"error "} + zmq_strerror(errno); }

// new NAME TYPE [rcvhwm=N] [sndhwm=N]
std::string make(const words& w) {
    static const std::map<std::string, int> types{{"push", ZMQ_PUSH}, {"pull", ZMQ_PULL}, {"pub", ZMQ_PUB},
                                                  {"sub", ZMQ_SUB},   {"req", ZMQ_REQ},   {"rep", ZMQ_REP}};
    void* made = zmq_socket(ctx, types.at(w.at(1)));
    if (made == nullptr) return told(-1);
    sockets[w.at(0)] = made;
    for (std::size_t i = 2; i < w.size(); ++i) {
        const auto equals = w[i].find('=');
        const int value = std::stoi(w[i].substr(equals + 1));
        zmq_setsockopt(made, w[i].substr(0, equals) == "rcvhwm" ? ZMQ_RCVHWM : ZMQ_SNDHWM, &value, sizeof value);
    }
    return "ok";
}

// drain NAME COUNT MS [PAUSE_EVERY]: as plain_peer's; pauses for a millisecond after every so many, as a slow reader.
std::string drain(const words& w) {
    void* from = named(w.at(0));
    const auto count = script::number(w.at(1));
    const int limit = std::stoi(w.at(2));
    const auto pause_every = w.size() > 3 ? script::number(w[3]) : 0;
    zmq_setsockopt(from, ZMQ_RCVTIMEO, &limit, sizeof limit);
    std::uint64_t came = 0;
    std::uint64_t sum = 0;
    std::string buffer(1 << 20, '\0');
    while (came < count) {
        const int size = zmq_recv(from, buffer.data(), buffer.size(), 0);
        if (size < 0) break;
        sum += script::number_in({buffer.data(), static_cast<std::size_t>(size)});
        ++came;
        if (pause_every != 0 && came % pause_every == 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return "ok " + std::to_string(came) + " " + std::to_string(sum);
}

std::string send(const words& w) {
    const auto body = unhex(w.at(1));
    return told(zmq_send(named(w.at(0)), body.data(), body.size(), 0));
}

const script::commands known{
    {"new", make},
    {"bind", [](const words& w) { return told(zmq_bind(named(w.at(0)), w.at(1).c_str())); }},
    {"connect", [](const words& w) { return told(zmq_connect(named(w.at(0)), w.at(1).c_str())); }},
    {"send", send},
    {"drain", drain},
};

}  // namespace

int main() { return script::run(known); }
