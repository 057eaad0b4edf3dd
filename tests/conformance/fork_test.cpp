// After fork() the child's copies of handles say `forked`, and the parent's go on as if nothing had happened.
#include <fcntl.h>
#include <sys/wait.h>

#include <fstream>
#include <optional>
#include <set>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

using namespace conformance;

namespace {

// Runs `check` in a child, where it must neither assert nor print: what it returns ("" when all is well) comes back by
// a pipe. A child that hangs is ended, and that is what is told.
std::string in_child(const std::function<std::string()>& check) {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(static_cast<unsigned>(soon.count()));
        const auto said = check();
        const auto written = ::write(ends[1], said.data(), said.size());
        ::_exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string said;
    char buffer[512];
    for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        said.append(buffer, static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status)) return "ended by signal " + std::to_string(WTERMSIG(status)) + " after: " + said;
    return said;
}

}  // namespace

GODWIT_EACH_TRANSPORT("RELIABILITY 63: in a child every verb says forked and the parent goes on") {
    std::optional<godwit::context> ctx{std::in_place};
    std::optional<godwit::push> push{std::in_place, *ctx};
    std::optional<godwit::pull> pull{std::in_place, *ctx};
    std::optional<godwit::pub> pub{std::in_place, *ctx};
    std::optional<godwit::sub> sub{std::in_place, *ctx};
    std::optional<godwit::req> req{std::in_place, *ctx};
    std::optional<godwit::rep> rep{std::in_place, *ctx};
    godwit::push untouched{*ctx};
    const auto one = over.url();
    const auto two = over.url();
    const auto three = over.url();
    must(pull->bind(one));
    must(push->connect(one));
    must(pub->bind(two));
    must(sub->connect(two));
    must(sub->subscribe("t"));
    must(rep->bind(three));
    must(req->connect(three));
    auto asked = must(req->send("question"));
    std::optional<godwit::request> got{must(rep->recv(soon))};
    must(pub->wait_for_subscribers("t", 1, soon));
    must(push->wait_for_peers(1, soon));
    const auto fresh = over.url();
    std::optional<godwit::poller> poller{std::in_place};
    must(poller->add(*pull, godwit::interest::recv));

    REQUIRE(in_child([&] {
                std::string wrong;
                const auto expect = [&wrong](const char* verb, const std::string& said) {
                    if (said != "forked") wrong += std::string{verb} + ": " + said + "; ";
                };
                std::vector<godwit::delivery> some(2);
                const std::vector<godwit::message> batch(2);
                expect("push.send", outcome(push->send("x")));
                expect("reports", ctx->report().sockets.empty() && push->report().name.empty() ? "forked" : "told");
                expect("push.send_many", outcome(push->send_many(batch)));
                expect("push.bind", outcome(push->bind(fresh)));
                expect("push.connect", outcome(push->connect(fresh)));
                expect("push.disconnect", outcome(push->disconnect(one)));
                expect("pull.unbind", outcome(pull->unbind(one)));
                expect("pull.recv", outcome(pull->recv()));
                expect("pull.recv_many", outcome(pull->recv_many(some)));
                expect("pub.send", outcome(pub->send("t", "x")));
                expect("pub.send_many", outcome(pub->send_many(batch)));
                expect("pub.wait_for_subscribers", outcome(pub->wait_for_subscribers("t", 2)));
                expect("sub.recv", outcome(sub->recv()));
                expect("sub.subscribe", outcome(sub->subscribe("u")));
                expect("sub.unsubscribe", outcome(sub->unsubscribe("t")));
                expect("req.send", outcome(req->send("x")));
                expect("req.request", outcome(req->request("x", godwit::timeout::never)));
                expect("pending.wait", outcome(asked.wait()));
                expect("rep.recv", outcome(rep->recv()));
                expect("request.reply", outcome(got->reply("x")));
                expect("wait_for_peers", outcome(pull->wait_for_peers(9, 2s)));
                expect("next_event", outcome(push->next_event(2s)));
                expect("configure", outcome(untouched.configure({})));
                expect("bind", outcome(untouched.bind(fresh)));
                expect("close", outcome(push->close()));
                expect("context.close", outcome(ctx->close()));
                expect("descriptor", outcome(pull->descriptor()));
                std::vector<godwit::ready> rows(2);
                expect("poller.wait", outcome(poller->wait(rows, 2s)));
                expect("poller.add", outcome(poller->add(*rep, godwit::interest::recv)));
                expect("poller.change", outcome(poller->change(*pull, godwit::interest::recv)));
                expect("poller.remove", outcome(poller->remove(*pull)));
                // Destroying them all ends, too.
                poller.reset(), got.reset(), push.reset(), pull.reset(), pub.reset(), sub.reset(), req.reset(),
                    rep.reset(), ctx.reset();
                return wrong;
            }) == "");

    must(push->send("still here"));
    std::vector<godwit::ready> rows(2);
    REQUIRE(must(poller->wait(rows, soon)) == 1);
    REQUIRE(receive(*pull) == "still here");
    must(pub->send("t", "news"));
    REQUIRE(receive(*sub) == "news");
    must(got->reply("answer"));
    REQUIRE(must(asked.wait(soon)).text() == "answer");
}

// The sanitizers' own locks do not survive the fork of a process with threads.
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
GODWIT_EACH_TRANSPORT("a child may make its own context") {
    godwit::context ctx;
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    const auto fresh = over.url();
    REQUIRE(in_child([&]() -> std::string {
                godwit::context own;
                godwit::push out{own};
                godwit::pull back{own};
                if (auto done = back.bind(fresh); !done) return done.error().what();
                if (auto done = out.connect(fresh); !done) return done.error().what();
                if (auto done = out.send("within the child"); !done) return done.error().what();
                const auto got = back.recv(soon);
                if (!got) return got.error().what();
                if (over.is_inproc()) return "";
                godwit::push home{own};
                if (auto done = home.connect(url); !done) return done.error().what();
                if (auto done = home.send("to the parent"); !done) return done.error().what();
                if (auto done = home.close(); !done) return done.error().what();
                return "";
            }) == "");
    if (!over.is_inproc()) REQUIRE(receive(in) == "to the parent");
}
#endif

TEST_CASE("row 63: every descriptor is closed by exec, with everything open over every transport") {
    std::set<std::string> before;
    for (const auto& one : std::filesystem::directory_iterator{"/proc/self/fd"}) before.insert(one.path().filename());
    godwit::context ctx;
    std::vector<std::unique_ptr<godwit::socket>> all;
    for (const auto& over : transports()) {
        const auto url = over.url();
        const auto ask_url = over.url();
        const auto news_url = over.url();
        auto in = std::make_unique<godwit::pull>(ctx);
        auto out = std::make_unique<godwit::push>(ctx);
        auto news = std::make_unique<godwit::pub>(ctx);
        auto reader = std::make_unique<godwit::sub>(ctx);
        auto ask = std::make_unique<godwit::req>(ctx);
        auto answer = std::make_unique<godwit::rep>(ctx);
        must(in->bind(url));
        must(out->connect(url));
        must(answer->bind(ask_url));
        must(ask->connect(ask_url));
        must(news->bind(news_url));
        must(reader->connect(news_url));
        must(reader->subscribe("t"));
        must(out->wait_for_peers(1, soon));
        must(ask->wait_for_peers(1, soon));
        must(news->wait_for_subscribers("t", 1, soon));
        must(out->send("x"));
        REQUIRE(receive(*in) == "x");
        all.push_back(std::move(in)), all.push_back(std::move(out)), all.push_back(std::move(ask));
        all.push_back(std::move(answer)), all.push_back(std::move(news)), all.push_back(std::move(reader));
    }
    std::size_t looked_at = 0;
    for (const auto& one : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        const auto number = one.path().filename().string();
        std::error_code gone;
        const auto what = std::filesystem::read_symlink(one.path(), gone);
        std::ifstream info{"/proc/self/fdinfo/" + number};
        if (before.count(number) != 0 || gone || !info) continue;
        std::string word;
        while (info >> word && word != "flags:") {}
        info >> word;
        INFO(number << " is " << what);
        REQUIRE((std::stoul(word, nullptr, 8) & O_CLOEXEC) != 0);
        ++looked_at;
    }
    REQUIRE(looked_at > 100);
}

TEST_CASE("messages made before a fork are readable after it") {
    const auto text = pattern_of(100'000);
    const godwit::message kept{text};
    REQUIRE(in_child([&] { return kept.text() == text ? "" : "other bytes"; }) == "");
}
