// A state that is written anew: when, beside what, and what is there after it.
#include <thread>

#include "transaction/transaction_world.hpp"

using namespace transaction_tests;

TEST_CASE("the log of a state does not grow with what is done to it, and it opens as it was") {
    sim_disk disk;
    const std::string filler(20'000, 'x');
    {
        const auto one = must_open(disk);
        for (offset at = 1; at <= 400; ++at) {
            const auto step = one->core->begin(timeout::never).value();
            must(one->core->put(step, std::to_string(at % 10), std::to_string(at) + filler));
            if (at % 7 == 0) must(one->core->erase(step, std::to_string(at % 5)));
            must(one->core->commit(step, timeout::never));
        }
        CHECK(one->core->stats().pictures >= 4);
        CHECK(one->store->bytes_used() < 4u << 20);
    }
    const auto again = must_open(disk);
    CHECK(again->core->view().get("9")->starts_with("399"));
    CHECK_FALSE(again->core->view().contains("4"));
    CHECK(again->core->view().contains("3"));
}

TEST_CASE(
    "RELIABILITY 8: while one thread's commit makes the state due to be written anew, another's comes between no parts "
    "of it") {
    constexpr offset each = 200;
    sim_disk disk;
    {
        const auto one = must_open(disk);
        // A state of 1.3 MB, so that writing it takes a while.
        const auto commits = [&](offset which) {
            const auto in = std::make_shared<fake_pull>(*one->core);
            status done;
            for (offset at = which; at <= 2 * each && done; at += 2) {
                const auto step = one->core->begin(timeout::never);
                if (!step) return status{step.error()};
                done = one->core->consume(*step, *in->hand_out(at));
                const std::string value = std::to_string(at) + std::string(20'000, 'x');
                if (done) done = one->core->put(*step, "k" + std::to_string(at % 65), value);
                if (done) done = one->core->put(*step, "n" + std::to_string(at), "done");
                if (done) done = one->core->commit(*step, timeout::never);
            }
            return done;
        };
        status other;
        std::thread second{[&] { other = commits(2); }};
        const status first = commits(1);
        second.join();
        must(first);
        must(other);
        CHECK(one->core->stats().pictures >= 2);
    }
    const auto again = must_open(disk);
    for (offset at = 1; at <= 2 * each; ++at) {
        REQUIRE(again->is_done(at));
        REQUIRE(again->core->view().contains("n" + std::to_string(at)));
    }
    CHECK(again->core->view().size() == 2 * each + 65);
}

TEST_CASE("a state that is closed without waiting, twice, while it is being written anew, opens as it was") {
    for (int round = 0; round < 5; ++round) {
        sim_disk disk;
        {
            const auto one = must_open(disk);
            for (int i = 0; i < 65; ++i) {
                const auto step = one->core->begin(timeout::never).value();
                must(one->core->put(step, std::to_string(i), std::string(20'000, 'x')));
                must(one->core->commit(step, timeout::never));
            }
            std::thread begins{[&] { (void)one->core->begin(timeout::never); }};
            std::thread closes{[&] { (void)one->core->close(std::chrono::milliseconds{0}); }};
            (void)one->core->close(std::chrono::milliseconds{0});
            begins.join();
            closes.join();
            CHECK(one->core->begin(timeout::never).failed(one->core->health().error().code()));
        }
        CHECK(must_open(disk)->core->view().size() == 65);
    }
}

TEST_CASE("where nothing begins, what is acked by itself makes the state be written anew") {
    sim_disk disk;
    {
        const auto one = must_open(disk);
        const auto step = one->core->begin(timeout::never).value();
        const std::string filler(670'000, 'x');
        for (const char* which : {"1", "2", "3"}) must(one->core->put(step, "filler", which + filler));
        must(one->core->commit(step, timeout::never));
        for (offset at = 1; one->core->stats().pictures == 0; ++at) {
            one->in->hand_out(at)->ack();
            while (!one->in->is_told(at)) std::this_thread::yield();
        }
    }
    const auto again = must_open(disk);
    CHECK(again->core->view().get("filler")->starts_with("3"));
    CHECK(again->is_done(1));
}
