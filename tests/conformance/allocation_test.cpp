// Row 37: the N-th allocation of ours fails, for each N: a call says `no_resources` or throws std::bad_alloc, has done
// nothing then, and the same call succeeds when there is memory again.
#include "conformance/allocation.hpp"
#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT("row 37: sends and receives whose allocations fail take nothing or all and the next ones go on") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(out.wait_for_peers(1, soon));
    const auto text = pattern_of(10'000);
    std::size_t sent = 0;
    std::size_t received = 0;
    const auto drain = [&] {
        while (received < out.stats().sent) {
            const auto got = must(in.recv(soon));
            REQUIRE((got.text() == text && (got.message().frame_count() == 1 || got.key() == "k")));
            ++received;
        }
    };
    const godwit::message large{text};
    sweep([&] { return outcome(out.send(text)); }, drain);
    sweep([&] { return outcome(out.send(text, {.topic = "t", .key = "k", .headers = {{"n", "v"}}})); }, drain);
    sweep([&] { return outcome(out.send(large)); }, drain);
    drain();
    // Receiving: what could not be taken in stays, or is the one that is lost; what is given out is whole.
    for (const bool named : {false, true}) {
        sent = received = 0;
        sweep(
            [&] {
                auto got = in.recv(10ms);
                if (got && got->text() != text) return std::string{"other bytes"};
                if (got) ++received;
                return got || got.failed(godwit::errc::timed_out) ? std::string{"ok"} : outcome(got);
            },
            [&] {
                must(named ? out.send(text, {.topic = "t", .key = "k"}) : out.send(text));
                ++sent;
            });
        while (auto got = in.recv(20ms)) {
            REQUIRE(got->text() == text);
            ++received;
        }
        REQUIRE(received <= sent);
    }
    must(out.send("after"));
    REQUIRE(receive(in) == "after");
}

GODWIT_EACH_TRANSPORT("row 37: requests and replies whose allocations fail leave the others alone") {
    godwit::context ctx;
    godwit::rep answer{ctx};
    godwit::req ask{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    must(ask.wait_for_peers(1, soon));
    std::optional<godwit::pending> asked;
    const auto serve = [&] {
        while (auto got = answer.recv(5ms)) must(got->reply(got->body()));
    };
    sweep(
        [&] {
            auto opened = ask.send("a question that is longer than a message holds in itself, which is 56 bytes");
            if (opened) asked.emplace(std::move(*opened));
            return outcome(opened);
        },
        serve);
    std::string reply;
    REQUIRE(eventually([&] {  // the request may still be on its way
        serve();
        const auto got = asked->wait(1ms);
        if (got) reply = got->text();
        return got.has_value() || got.error().code() != godwit::errc::timed_out;
    }));
    REQUIRE(reply.starts_with("a question"));
    must(ask.send("to be received"));
    sweep(
        [&] {
            auto got = answer.recv(10ms);
            return got || got.failed(godwit::errc::timed_out) ? std::string{"ok"} : outcome(got);
        },
        [&] { (void)ask.send("another"); });
    serve();
    auto last = must(ask.send("last"));
    auto got = must(answer.recv(soon));
    sweep(
        [&] {
            const auto done = got.reply("answer");
            return done || done.failed(godwit::errc::invalid_argument) ? std::string{"ok"} : outcome(done);
        },
        [] {});
    REQUIRE(must(last.wait(soon)).text() == "answer");
}
