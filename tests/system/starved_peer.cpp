// A process that runs out of descriptors, driven by a script on standard input: what must be an error and no abort.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <memory>
#include <optional>
#include <thread>

#include "godwit/godwit.hpp"
#include "system/script.hpp"

namespace {

using script::words;

std::vector<int> held;
std::unique_ptr<godwit::context> ctx;
std::unique_ptr<godwit::pull> in;

std::string told(const godwit::status& outcome) {
    return outcome ? "ok" : "error " + std::string{name(outcome.error().code())};
}

void give_back() {
    for (const int one : held) ::close(one);
    held.clear();
}

// leave N: takes every descriptor up to the limit but so many.
std::string leave(const words& w) {
    give_back();
    for (int one = ::open("/dev/null", O_RDONLY | O_CLOEXEC); one >= 0; one = ::open("/dev/null", O_RDONLY | O_CLOEXEC))
        held.push_back(one);
    for (std::size_t left = script::number(w.at(0)); left > 0 && !held.empty(); --left) {
        ::close(held.back());
        held.pop_back();
    }
    return "ok " + std::to_string(held.size());
}

std::string limit(const words& w) {
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    now.rlim_cur = script::number(w.at(0));
    return ::setrlimit(RLIMIT_NOFILE, &now) == 0 ? "ok" : "error";
}

std::string bind(const words& w) {
    ctx = std::make_unique<godwit::context>();
    in = std::make_unique<godwit::pull>(*ctx);
    auto bound = in->bind(w.at(0));
    return bound ? "ok " + *bound : "error " + std::string{name(bound.error().code())};
}

// Every step to a working pair of sockets with so many descriptors left; ends at the first that is refused.
godwit::status all_steps(const std::string& url) {
    godwit::context own;
    godwit::pull taker{own};
    godwit::push giver{own, {.linger = {}}};  // a link that is ended for want of descriptors takes nothing
    auto bound = taker.bind(url);
    if (!bound) return bound.error();
    if (auto done = giver.connect(*bound); !done) return done;
    if (auto done = giver.send("x", godwit::send_options{.within = std::chrono::milliseconds{50}}); !done)
        return done.error();
    return {};
}

// sweep URL FROM TO: the outcomes, each once.
std::string sweep(const words& w) {
    std::map<std::string, int> outcomes;
    for (std::size_t left = script::number(w.at(1)); left <= script::number(w.at(2)); ++left) {
        leave({std::to_string(left)});
        ++outcomes[told(all_steps(w.at(0)))];
    }
    give_back();
    std::string all = "ok";
    for (const auto& [outcome, times] : outcomes) all += " [" + outcome + "]";
    return all;
}

// burn MS: processor time used meanwhile, in ms.
std::string burn(const words& w) {
    const auto before = std::clock();
    std::this_thread::sleep_for(script::duration(w.at(0)));
    return "ok " + std::to_string((std::clock() - before) / (CLOCKS_PER_SEC / 1000));
}

std::string stats(const words&) {
    const auto now = in->stats();
    return "ok " + std::to_string(now.accept_failures) + " " + std::to_string(now.peers);
}

const script::commands known{
    {"limit", limit},
    {"leave", leave},
    {"bind", bind},
    {"sweep", sweep},
    {"burn", burn},
    {"stats", stats},
    {"recv",
     [](const words&) {
         auto got = in->recv(std::chrono::seconds{20});
         return got ? "ok " + std::string{got->text()} : told(got.error());
     }},
};

}  // namespace

int main() { return script::run(known); }
