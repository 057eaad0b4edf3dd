// Row 37 of reliable sockets: the N-th allocation of ours fails in a call, for each N. What was taken arrives all the same.
#include <algorithm>
#include <set>
#include <string>

#include "conformance/allocation.hpp"
#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "godwit/ack_retry.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT("RELIABILITY 37: what reliable sockets took arrives, whatever allocation fails") {
    godwit::context ctx;
    const godwit::ack_retry again{.backoff_min = 1ms, .backoff_max = 5ms, .pause_after_failures = 0};
    godwit::push out{ctx, again, godwit::socket_options{.linger = 0ms}};
    godwit::pull in{ctx, again};
    must(out.connect(must(in.bind(over.url()))));
    must(out.wait_for_peers(1, soon));
    std::set<std::string> taken, arrived, tried;
    const auto send = [&] {
        const auto text = std::to_string(tried.size()) + ' ' + pattern_of(1000);
        tried.insert(text);
        const auto said = outcome(out.send(text, {.topic = "t", .key = "k", .headers = {{"n", "v"}}}));
        if (said == "ok") taken.insert(text);
        return said;
    };
    const auto receive = [&] {
        auto got = in.recv(10ms);
        if (got) {
            arrived.insert(std::string{got->text()});
            got->ack();
        }
        return got || got.failed(godwit::errc::timed_out) ? std::string{"ok"} : outcome(got);
    };
    const auto all_arrive = [&] {
        REQUIRE(eventually([&] {
            (void)receive();
            return std::includes(arrived.begin(), arrived.end(), taken.begin(), taken.end());
        }));
    };
    sweep(send, all_arrive);
    for (int i = 0; i < 50; ++i) REQUIRE(send() == "ok");
    sweep(receive, [&] {
        REQUIRE(send() == "ok");
        all_arrive();
    });
    all_arrive();
    CHECK(std::includes(tried.begin(), tried.end(), arrived.begin(), arrived.end()));
}
