// Row 88: the judge, who is asked about those that are not listed.
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "conformance/security.hpp"

using namespace conformance;

OVER_THE_WIRE("row 88: the judge lets in, refuses, and gives rights; its answers may come late and in any order") {
    godwit::context ctx;
    const auto ours = fresh(), good = fresh(), bad = fresh();
    access_list list;
    std::atomic<int> asked{0};
    list.ask([&](const applicant& who) -> std::optional<rights> {
        ++asked;
        if (who.own != "pull" || who.address.empty()) return std::nullopt;
        if (who.key != good.public_part()) return std::nullopt;
        return must(rights::parse("push=ok"));
    });
    godwit::pull in{ctx, server(ours, list)};
    const auto url = must(in.bind(over.url()));
    godwit::push refused{ctx, client(bad, ours)}, admitted{ctx, client(good, ours)};
    must(refused.connect(url));
    must(admitted.connect(url));
    must(admitted.send("x", {.topic = "not ok"}));
    must(admitted.send("y", {.topic = "ok/too"}));
    REQUIRE(receive(in) == "y");
    REQUIRE(contains(event_of(in, event_kind::message_refused), "not ok"));
    event_of(refused, event_kind::handshake_refused);
    REQUIRE(asked >= 2);
    REQUIRE(eventually([&] { return in.peers().size() == 1; }));
}

OVER_THE_WIRE("row 88: a judge that throws refuses") {
    godwit::context ctx;
    const auto ours = fresh();
    access_list list;
    list.ask([](const applicant&) -> std::optional<rights> { throw 17; });
    godwit::pull in{ctx, server(ours, list)};
    const auto url = must(in.bind(over.url()));
    godwit::push out{ctx, client(fresh(), ours)};
    must(out.connect(url));
    REQUIRE(contains(event_of(in, event_kind::handshake_refused), "threw"));
    event_of(out, event_kind::handshake_refused);
    REQUIRE(in.peers().empty());
}

OVER_THE_WIRE("row 88, D6: a judge that does not answer refuses, and holds up nobody who is listed") {
    godwit::context ctx;
    const auto ours = fresh(), listed = fresh(), judged = fresh();
    access_list list = listing(listed.public_part());
    struct latch {
        std::mutex lock;
        std::condition_variable changed;
        bool open = false;
        void wait() {
            std::unique_lock hold{lock};
            changed.wait(hold, [&] { return open; });
        }
    };
    // Opened when the test ends, before its context does.
    const auto gate = std::make_shared<latch>();
    list.ask([gate](const applicant&) -> std::optional<rights> {
        gate->wait();
        return rights{};
    });
    struct opener {
        latch& which;
        ~opener() {
            const std::lock_guard hold{which.lock};
            which.open = true;
            which.changed.notify_all();
        }
    };
    const opener at_the_end{*gate};
    auto options = server(ours, list);
    options.handshake_max = 1s;
    godwit::pull in{ctx, options};
    const auto url = must(in.bind(over.url()));
    auto patient = client(judged, ours);
    patient.redial_min = patient.redial_max = 500ms;
    godwit::push slow{ctx, patient}, fast{ctx, client(listed, ours)};
    must(slow.connect(url));
    must(fast.connect(url));
    must(fast.send("listed"));
    REQUIRE(receive(in) == "listed");
    event_of(in, event_kind::handshake_refused, "in time");  // a busy machine may be late before it is asked
    event_of(slow, event_kind::handshake_refused);
    REQUIRE(eventually([&] { return in.peers().size() == 1; }));
}
