// Ends with everything still open, in static objects, in the order that a line on standard input says: the program must
// come to its end by itself, with status 0.
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "godwit/godwit.hpp"

namespace {

struct sockets {
    explicit sockets(godwit::context& ctx) : in{ctx}, out{ctx}, ask{ctx}, answer{ctx} {}
    godwit::pull in;
    godwit::push out;
    godwit::req ask;
    godwit::rep answer;
};

// Static objects end in the opposite order of their making.
std::unique_ptr<godwit::context>& context_first() {
    static auto made = std::make_unique<godwit::context>();
    return made;
}

std::string run(const std::string& order, const std::string& url) {
    static std::optional<sockets> early;  // made before the context, it ends after it
    auto& ctx = *context_first();
    static std::optional<sockets> late;  // ends before the context
    auto& used = order == "context_first" ? early.emplace(ctx) : late.emplace(ctx);
    if (!used.in.bind(url) || !used.out.connect(url)) return "error no link";
    if (!used.answer.bind(url + "-ask") || !used.ask.connect(url + "-ask")) return "error no link";
    static godwit::pending asked = *used.ask.send("never answered");
    if (!used.out.send("x") || !used.in.recv(std::chrono::seconds{20})) return "error nothing came";
    if (!used.out.send("nobody takes it")) return "error not sent";
    return "ok";
}

}  // namespace

int main() {
    std::cout << "ready" << std::endl;
    std::string order, url;
    std::cin >> order >> url;
    std::cout << run(order, url) << std::endl;
    return 0;
}
