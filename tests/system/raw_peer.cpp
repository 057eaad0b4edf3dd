// libzmq's own sockets, driven by a script on standard input: the raw peer of the system tests.
#include <zmq.hpp>
#include <thread>

#include "system/script.hpp"

namespace {

using script::unhex;
using script::words;

zmq::context_t ctx;
std::map<std::string, zmq::socket_t> sockets;

zmq::socket_t& named(const std::string& name) {
    const auto found = sockets.find(name);
    if (found == sockets.end()) throw std::runtime_error{"no socket " + name};
    return found->second;
}

template <class Operation>
std::string told(Operation&& operation) {
    try {
        operation();
    } catch (const zmq::error_t& failure) {
        return std::string{"error "} + failure.what();
    }
    return "ok";
}

// new NAME TYPE [rcvhwm=N] [sndhwm=N]
std::string make(const words& w) {
    using type = zmq::socket_type;
    static const std::map<std::string, type> types{{"push", type::push}, {"pull", type::pull}, {"pub", type::pub},
                                                   {"sub", type::sub},   {"req", type::req},   {"rep", type::rep}};
    return told([&] {
        zmq::socket_t made{ctx, types.at(w.at(1))};
        for (std::size_t i = 2; i < w.size(); ++i) {
            const auto equals = w[i].find('=');
            const int value = std::stoi(w[i].substr(equals + 1));
            w[i].substr(0, equals) == "rcvhwm" ? made.set(zmq::sockopt::rcvhwm, value)
                                               : made.set(zmq::sockopt::sndhwm, value);
        }
        sockets[w.at(0)] = std::move(made);
    });
}

// drain NAME COUNT MS [PAUSE_EVERY]: as plain_peer's; pauses for a millisecond after every so many, as a slow reader.
std::string drain(const words& w) {
    zmq::socket_t& from = named(w.at(0));
    const auto count = script::number(w.at(1));
    const auto pause_every = w.size() > 3 ? script::number(w[3]) : 0;
    from.set(zmq::sockopt::rcvtimeo, std::stoi(w.at(2)));
    std::uint64_t came = 0;
    std::uint64_t sum = 0;
    zmq::message_t body;
    while (came < count && from.recv(body)) {
        sum += script::number_in(body.to_string_view());
        ++came;
        if (pause_every != 0 && came % pause_every == 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return "ok " + std::to_string(came) + " " + std::to_string(sum);
}

const script::commands known{
    {"new", make},
    {"bind", [](const words& w) { return told([&] { named(w.at(0)).bind(w.at(1)); }); }},
    {"connect", [](const words& w) { return told([&] { named(w.at(0)).connect(w.at(1)); }); }},
    {"send",
     [](const words& w) {
         return told([&] { named(w.at(0)).send(zmq::message_t{unhex(w.at(1))}, zmq::send_flags::none); });
     }},
    {"drain", drain},
};

}  // namespace

int main() { return script::run(known); }
