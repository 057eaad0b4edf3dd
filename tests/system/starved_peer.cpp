// A process that runs out of descriptors, driven by a script on standard input: what must be an error and no abort.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <thread>

#include "godwit/ack_retry.hpp"
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

// Every step to a working pair of sockets, which are watched; ends at the first that is refused. `giver` does not linger: a
// link that is ended for want of descriptors takes nothing.
godwit::status all_steps(godwit::pull taker, godwit::push giver, const std::string& url) {
    auto bound = taker.bind(url);
    if (!bound) return bound.error();
    if (auto lent = taker.descriptor(); !lent) return lent.error();
    godwit::poller looks;
    if (auto added = looks.add(giver, godwit::interest::send); !added) return added;
    if (auto done = giver.connect(*bound); !done) return done;
    if (auto done = giver.send("x", godwit::send_options{.within = std::chrono::milliseconds{50}}); !done)
        return done.error();
    std::vector<godwit::ready> rows(1);
    if (auto looked = looks.wait(rows, std::chrono::milliseconds{0}); looked.failed(godwit::errc::no_resources))
        return looked.error();
    return {};
}

godwit::status all_steps(const std::string& kind, const std::string& url) {
    godwit::context own;
    const godwit::socket_options leaves{.linger = {}};
    if (kind == "plain") return all_steps(godwit::pull{own}, godwit::push{own, leaves}, url);
    if (kind == "reliable") {
        const godwit::ack_retry again{};
        return all_steps(godwit::pull{own, again}, godwit::push{own, again, leaves}, url);
    }
    static const auto ours = godwit::key_pair::generate().value(), theirs = godwit::key_pair::generate().value();
    godwit::access_list who;
    if (auto listed = who.allow(theirs.public_part()); !listed) return listed;
    godwit::socket_options expects{.linger = {}, .keys = theirs, .server_key = ours.public_part()};
    return all_steps(godwit::pull{own, {.keys = ours, .allow = who}}, godwit::push{own, expects}, url);
}

// sweep KIND URL FROM TO: the outcomes, each once.
std::string sweep(const words& w) {
    std::map<std::string, int> outcomes;
    for (std::size_t left = script::number(w.at(2)); left <= script::number(w.at(3)); ++left) {
        leave({std::to_string(left)});
        ++outcomes[told(all_steps(w.at(0), w.at(1)))];
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

#if defined(__SANITIZE_ADDRESS__)
// The sanitizer of undefined behaviour looks at objects through a pipe, and takes those that it cannot look at for damaged:
// its two descriptors are beyond the limit.
extern "C" int pipe(int* ends) {
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    rlimit more = now;
    more.rlim_cur = std::min(now.rlim_cur + 2, now.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &more);
    const auto made = ::syscall(SYS_pipe2, ends, 0);
    ::setrlimit(RLIMIT_NOFILE, &now);
    return static_cast<int>(made);
}
#endif

int main() { return script::run(known); }
