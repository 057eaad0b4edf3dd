// One handle, many threads: nothing lost, nothing doubled, and a blocked call holds up nobody.
#include <array>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT(
    "RELIABILITY 69: two senders and three receivers share handles and the sum of 400000 messages is right") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    constexpr std::uint64_t count = 400'000;
    std::atomic<std::uint64_t> came{0};
    std::atomic<std::uint64_t> sum{0};
    std::vector<std::unique_ptr<worker>> receivers;
    std::vector<std::unique_ptr<worker>> senders;
    for (int i = 0; i < 3; ++i)
        receivers.push_back(std::make_unique<worker>([&] {
            while (auto got = in.recv()) {
                std::uint64_t value{};
                if (got->body().size() != sizeof value) return std::string{"a body of another size"};
                std::memcpy(&value, got->body().data(), sizeof value);
                sum += value;
                ++came;
            }
            return std::string{"ok"};
        }));
    for (std::uint64_t i = 0; i < 2; ++i)
        senders.push_back(std::make_unique<worker>([&, i] {
            for (std::uint64_t value = i; value < count; value += 2)
                if (auto sent = out.send(std::as_bytes(std::span{&value, 1}), {.within = soon}); !sent)
                    return outcome(sent);
            return std::string{"ok"};
        }));
    REQUIRE(eventually([&] { return senders[0]->finished() && senders[1]->finished(); }, 10 * soon));
    for (auto& sender : senders) REQUIRE(sender->saw() == "ok");
    REQUIRE(eventually([&] { return came == count; }, 10 * soon));
    REQUIRE(outcome(in.close()) == "ok");
    for (auto& receiver : receivers) REQUIRE(receiver->saw() == "ok");
    REQUIRE(came == count);
    REQUIRE(sum == count * (count - 1) / 2);
    REQUIRE(in.stats().received == count);
    REQUIRE(out.stats().sent == count);
}

GODWIT_EACH_TRANSPORT("a thread blocked on a reply does not hold up requests of others") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    auto unanswered = must(ask.send("held"));
    auto held = must(answer.recv(soon));
    worker waiting{[&] {
        auto reply = unanswered.wait();
        return reply ? std::string{reply->text()} : outcome(reply);
    }};
    worker server{[&] {
        while (auto got = answer.recv()) (void)got->reply(got->body());
        return std::string{"ok"};
    }};
    REQUIRE(waiting.blocks());
    REQUIRE(server.blocks());
    for (int i = 0; i < 3000; ++i) REQUIRE(must(ask.request(std::to_string(i), soon)).text() == std::to_string(i));
    REQUIRE_FALSE(waiting.finished());
    must(held.reply("at last"));
    REQUIRE(waiting.saw() == "at last");
    must(answer.close());
    REQUIRE(server.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("who takes one of two messages leaves the other to the one that waits") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(out.wait_for_peers(1, soon));
    const std::vector<godwit::message> two(2, godwit::message{"x"});
    for (int round = 0; round < 300; ++round) {
        worker waiting{[&] { return outcome(in.recv(soon)); }};
        REQUIRE(waiting.blocks());
        REQUIRE(must(out.send_many(two)) == 2);
        while (!in.recv(0ms)) std::this_thread::yield();
        REQUIRE(waiting.saw() == "ok");
    }
}

GODWIT_EACH_TRANSPORT("RELIABILITY 69: requests from eight threads on one handle each get their own reply") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    worker server{[&] {
        while (auto got = answer.recv()) (void)got->reply(got->body());
        return std::string{"ok"};
    }};
    std::vector<std::unique_ptr<worker>> callers;
    for (int who = 0; who < 8; ++who)
        callers.push_back(std::make_unique<worker>([&, who] {
            for (int i = 0; i < 300; ++i) {
                const auto text = std::to_string(who) + "/" + std::to_string(i);
                const auto reply = ask.request(text, soon);
                if (!reply) return outcome(reply);
                if (reply->text() != text) return "got " + std::string{reply->text()} + " for " + text;
            }
            return std::string{"ok"};
        }));
    for (auto& caller : callers) REQUIRE(caller->saw() == "ok");
    must(answer.close());
    REQUIRE(server.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("a blocked recv on one socket does not hold up others of its context") {
    godwit::context ctx;
    godwit::pull silent{ctx};
    must(silent.bind(over.url()));
    worker waiting{[&] { return outcome(silent.recv()); }};
    REQUIRE(waiting.blocks());
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    for (int i = 0; i < 100; ++i) {
        must(out.send(std::to_string(i)));
        REQUIRE(receive(in) == std::to_string(i));
    }
    REQUIRE_FALSE(waiting.finished());
    must(silent.close());
    REQUIRE(waiting.saw() == "closed");
}

GODWIT_EACH_TRANSPORT("subscribing while another thread is blocked in recv takes effect") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const auto url = over.url();
    must(out.bind(url));
    must(in.connect(url));
    worker waiting{[&] {
        auto got = in.recv();
        return got ? std::string{got->text()} : outcome(got);
    }};
    REQUIRE(waiting.blocks());
    must(in.subscribe("t"));
    must(out.wait_for_subscribers("t", 1, soon));
    must(out.send("t", "heard"));
    REQUIRE(waiting.saw() == "heard");
}

GODWIT_EACH_TRANSPORT("a received message may be handed to other threads and dropped there") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    for (const std::size_t size : {20u, 57u, 9000u, 200'000u}) {
        const auto text = pattern_of(size);
        for (int i = 0; i < 8; ++i) must(out.send(text));
        std::vector<godwit::delivery> got;
        for (int i = 0; i < 8; ++i) got.push_back(must(in.recv(soon)));
        const godwit::message shared = got.back().message();
        std::vector<std::unique_ptr<worker>> readers;
        for (auto& each : got)
            readers.push_back(std::make_unique<worker>([&text, &shared, mine = std::move(each).message()] {
                const godwit::message copy = shared;
                return mine.text() == text && copy.text() == text ? std::string{"ok"} : std::string{"other bytes"};
            }));
        got.clear();
        for (auto& reader : readers) REQUIRE(reader->saw() == "ok");
    }
}
