// Binding and connecting, in any order, many times, over several transports at once.
#include <optional>
#include <set>

#include "reliable/reliable.hpp"

using namespace reliable;

GODWIT_EACH_TRANSPORT("a message goes to its receiver, and the ack comes back") {
    line both{over};
    const auto sent = must(both.out.send("one"));
    auto got = must(both.in.recv(soon));
    REQUIRE(got.text() == "one");
    REQUIRE(got.attempt() == 1);
    REQUIRE(got.at() == sent.at());
    REQUIRE(!got.stream().empty());
    REQUIRE(!got.settled());
    REQUIRE(outcome(sent.wait(stage::processed, 0s)) == "timed_out");
    got.ack();
    REQUIRE(got.settled());
    REQUIRE(fate(sent) == "processed");
    REQUIRE(sent.reached(stage::processed));
    must(both.out.close(soon));
}

GODWIT_EACH_TRANSPORT("who connects may come before who binds, and what was sent meanwhile arrives") {
    godwit::context ctx;
    const auto url = over.url();
    godwit::push out{ctx, quick(), brisk()};
    must(out.connect(url));
    const auto early = must(out.send("early"));
    godwit::pull in{ctx, quick(), brisk()};
    must(in.bind(url));
    REQUIRE(take(in) == "early");
    REQUIRE(fate(early) == "processed");
}

OVER_EACH_LINK("the sender may bind, and its receivers connect") {
    godwit::context ctx;
    godwit::push out{ctx, quick(), brisk()};
    const auto url = must(out.bind(over.url()));
    const auto first = must(out.send("before anybody came"));
    godwit::pull one{ctx, quick(), brisk()}, other{ctx, quick(), brisk()};
    must(one.connect(url));
    REQUIRE(take(one) == "before anybody came");
    REQUIRE(fate(first) == "processed");
    must(other.connect(url));
    must(out.wait_for_peers(2, soon));
    REQUIRE(eventually([&] { return out.delivery_counters().links == 2; }));
    must(one.close(soon));
    const auto second = must(out.send("to who is left"));
    REQUIRE(take(other) == "to who is left");
    REQUIRE(fate(second) == "processed");
}

TEST_CASE("one push serves pulls over all transports at once, and one pull hears pushes over all of them") {
    godwit::context ctx;
    godwit::push out{ctx, quick(), brisk()};
    std::vector<std::optional<godwit::pull>> all(transports().size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].emplace(ctx, quick(), brisk());
        must(out.connect(must(all[i]->bind(transports()[i].url()))));
    }
    REQUIRE(eventually([&] { return out.delivery_counters().links == all.size(); }));
    const std::size_t count = 20 * all.size();
    for (const auto& text : numbers(count)) must(out.send(text));
    std::multiset<std::string> seen;
    while (seen.size() < count) {
        for (auto& in : all)
            if (auto got = in->recv(0s)) got->ack(), seen.emplace(got->text());
    }
    const auto sent = numbers(count);
    REQUIRE(seen == std::multiset<std::string>{sent.begin(), sent.end()});
    must(out.flush(stage::processed, soon));

    godwit::pull hears{ctx, quick(), brisk()};
    std::vector<std::optional<godwit::push>> pushes(transports().size());
    for (std::size_t i = 0; i < pushes.size(); ++i) {
        pushes[i].emplace(ctx, quick(), brisk());
        must(pushes[i]->connect(must(hears.bind(transports()[i].url()))));
        must(pushes[i]->send("from " + transports()[i].name));
    }
    std::set<std::string> heard;
    for (std::size_t i = 0; i < pushes.size(); ++i) heard.insert(take(hears));
    REQUIRE(heard.size() == pushes.size());
}

OVER_EACH_LINK("after disconnect nothing goes there, and connect brings what is left") {
    line both{over};
    must(both.out.send("one"));
    REQUIRE(take(both.in) == "one");
    must(both.out.flush(stage::processed, soon));
    for (int round = 0; round < 3; ++round) {
        must(both.out.disconnect(both.url));
        REQUIRE(outcome(both.out.disconnect(both.url)) == "not_found");
        const auto held = must(both.out.send("held"));
        REQUIRE(outcome(both.in.recv(5ms)) == "timed_out");
        must(both.out.connect(both.url));
        REQUIRE(take(both.in) == "held");
        REQUIRE(fate(held) == "processed");
    }
}

OVER_EACH_LINK("after unbind the links are gone, and bind brings them again") {
    line both{over};
    must(both.out.send("one"));
    REQUIRE(take(both.in) == "one");
    must(both.out.flush(stage::processed, soon));
    must(both.in.unbind(both.url));
    const auto held = must(both.out.send("held"));
    REQUIRE(outcome(both.in.recv(5ms)) == "timed_out");
    must(both.in.bind(both.url));
    REQUIRE(take(both.in) == "held");
    REQUIRE(fate(held) == "processed");
}

OVER_EACH_LINK("a receiver that is replaced by another at its place loses nothing") {
    godwit::context ctx;
    const auto url = over.url();
    godwit::push out{ctx, quick(), brisk()};
    must(out.connect(url));
    std::set<std::string> seen;
    std::size_t sent = 0;
    for (int round = 0; round < 4; ++round) {
        godwit::pull in{ctx, quick(), brisk()};
        must(in.bind(url));
        for (const auto& text : numbers(20, sent)) must(out.send(text));
        sent += 20;
        for (int i = 0; i < 10; ++i) seen.insert(take(in));
        must(in.close(soon));
    }
    godwit::pull last{ctx, quick(), brisk()};
    must(last.bind(url));
    while (seen.size() < sent) seen.insert(take(last));
    // An ack that the sender had not read when the next receiver came is lost: that record comes again.
    const auto deadline = godwit::timeout::clock::now() + std::chrono::seconds{20};
    while (!out.flush(stage::processed, 20ms)) {
        REQUIRE(godwit::timeout::clock::now() < deadline);
        if (auto again = last.recv(0s)) again->ack();
    }
    must(out.close(soon));
}
