// The poller: foreign descriptors, what it refuses, signals.
#include <sys/resource.h>

#include <atomic>
#include <csignal>

#include "conformance/expect.hpp"
#include "conformance/poller_parts.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;
using godwit::interest;

TEST_CASE("a poller reports foreign descriptors by what was asked, and hang-ups always") {
    godwit::poller poller;
    pipe_ends one;
    must(poller.add(one.fds[0], interest::recv, 1));
    must(poller.add(one.fds[1], interest::send, 2));
    auto rows = wait_for(poller);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].tag == 2);
    CHECK(rows[0].send);
    must(poller.remove(one.fds[1]));
    CHECK(outcome_of_wait(poller, 0s) == "timed_out");
    one.put();
    rows = wait_for(poller);
    CHECK(rows.front().tag == 1);
    CHECK(rows.front().recv);
    must(poller.change(one.fds[0], interest::send));
    CHECK(outcome_of_wait(poller, 0s) == "timed_out");
    must(poller.change(one.fds[0], interest::both));
    CHECK(wait_for(poller).front().recv);
    one.take();
    one.close_write();
    CHECK(wait_for(poller).front().closed);
}

TEST_CASE("what was told of in an earlier wait is looked at again before it is reported") {
    godwit::poller poller;
    pipe_ends one, two;
    must(poller.add(one.fds[0], interest::recv, 1));
    must(poller.add(two.fds[0], interest::recv, 2));
    one.put();
    two.put();
    const auto first = wait_for(poller, 1).front().tag;
    (first == 1 ? two : one).take();
    CHECK(wait_for(poller, 1).front().tag == first);
    (first == 1 ? one : two).take();
    CHECK(outcome_of_wait(poller, 0s) == "timed_out");
}

TEST_CASE("a poller names what it cannot take") {
    godwit::context ctx;
    godwit::poller poller;
    godwit::push push{ctx};
    godwit::pull pull{ctx};
    CHECK(outcome(poller.add(push, interest::recv)) == "invalid_argument");
    CHECK(outcome(poller.add(pull, interest::both)) == "invalid_argument");
    CHECK(outcome(poller.change(pull, interest::recv)) == "not_found");
    CHECK(outcome(poller.remove(pull)) == "not_found");
    must(poller.add(pull, interest::recv));
    CHECK(outcome(poller.add(pull, interest::recv)) == "invalid_argument");
    CHECK(outcome(poller.change(pull, interest::both)) == "invalid_argument");
    CHECK(outcome(poller.change(pull, interest{0})) == "invalid_argument");
    must(poller.change(pull, interest::recv));
    must(poller.remove(pull));
    CHECK(outcome(poller.add(-1, interest::recv)) == "invalid_argument");
    CHECK(outcome(poller.remove(12345)) == "not_found");
    const std::string path = scratch().fresh();
    const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    CHECK(outcome(poller.add(file, interest::recv)) == "invalid_argument");
    ::close(file);
    pipe_ends ends;
    must(poller.add(ends.fds[0], interest::recv));
    CHECK(outcome(poller.add(ends.fds[0], interest::send)) == "invalid_argument");
    CHECK(must(poller.wait({}, soon)) == 0);
}

TEST_CASE("signals do not end a poller's wait") {
    struct sigaction quiet {};
    quiet.sa_handler = [](int) {};
    struct sigaction before {};
    REQUIRE(::sigaction(SIGUSR2, &quiet, &before) == 0);
    godwit::poller poller;
    pipe_ends ends;
    must(poller.add(ends.fds[0], interest::recv));
    std::atomic<pthread_t> id{};
    std::atomic<bool> known{false};
    worker waiter{[&] {
        id = ::pthread_self();
        known = true;
        return outcome_of_wait(poller, soon);
    }};
    REQUIRE(eventually([&] { return known.load(); }));
    for (int i = 0; i < 20; ++i) {
        CHECK(waiter.blocks());
        ::pthread_kill(id, SIGUSR2);
    }
    CHECK_FALSE(waiter.finished());
    ends.put();
    CHECK(waiter.saw() == "ok");
    ::sigaction(SIGUSR2, &before, nullptr);
}

// Not with the sanitizers of addresses and undefined behaviour: they need descriptors of their own to look at objects.
#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("without free descriptors a descriptor and a poller are refused with a word, and work once there are some") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::poller poller;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    rlimit none = before;
    for (rlim_t spare = 0; spare < 2; ++spare) {
        none.rlim_cur = static_cast<rlim_t>(lowest_free) + spare;
        ::setrlimit(RLIMIT_NOFILE, &none);
        const auto refused = outcome(in.descriptor());
        const auto refused_too = outcome(poller.add(in, interest::recv));
        godwit::poller stillborn;
        const auto unborn = outcome(stillborn.add(in, interest::recv));
        const auto no_wait = outcome_of_wait(stillborn, 0s);
        ::setrlimit(RLIMIT_NOFILE, &before);
        CHECK(refused == "no_resources");
        CHECK(refused_too == "no_resources");
        CHECK(unborn == "no_resources");
        CHECK(no_wait == "no_resources");
    }
    must(in.descriptor());
    must(poller.add(in, interest::recv));
}
#endif
