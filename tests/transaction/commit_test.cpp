// A state's commits: what is there when the process, the machine or the disk fails at any call, and who may still speak.
#include "transaction/transaction_world.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include "one_in.hpp"

using namespace std::chrono_literals;
using namespace transaction_tests;
using journal_tests::loss;
using journal_tests::losses;

namespace {

// Of the transfers of 1 to `last`: all of its effects or none, none twice, and each that was confirmed.
void judge(bank& found, offset last, const std::vector<offset>& confirmed) {
    const state_view state = found.core->view();
    std::uint64_t sum = 0;
    std::vector<std::string> outputs;
    for (offset at = 1; at <= last; ++at) {
        const bool is_there = state.contains("n" + std::to_string(at));
        INFO("transfer " << at);
        REQUIRE(found.is_done(at) == is_there);
        if (std::ranges::count(confirmed, at) != 0) REQUIRE(is_there);
        if (!is_there) continue;
        sum += at;
        outputs.push_back("out " + std::to_string(at));
    }
    REQUIRE(state.get("sum").value_or("0") == std::to_string(sum));
    REQUIRE(found.sent() == outputs);
}

}  // namespace

namespace {

// Stopped at each call in its turn from `stop` on, until it comes to its end. Returns where that is.
std::uint64_t stop_everywhere(loss how, std::size_t filler, std::uint64_t stop = 1) {
    sample some;
    for (bool ended = false; !ended; ++stop) {
        if (!some.takes()) continue;
        sim_disk disk;
        disk.crash_at = stop;
        std::vector<offset> confirmed;
        {
            bank one{disk};
            ended = static_cast<bool>(one.opened);
            for (offset at = 1; at <= 5 && ended; ++at) {
                ended = static_cast<bool>(transfer(one, at, filler));
                if (ended) confirmed.push_back(at);
            }
            ended = ended && one.core->close(timeout::never) && !disk.crashed();
            if (ended) REQUIRE(one.core->stats().pictures == (filler == 0 ? 0 : 1));
        }
        std::mt19937_64 random{stop};
        const auto after = disk.after_crash(random, how);
        INFO("stopped at call " << stop << ", loss " << static_cast<int>(how));
        {
            const auto again = must_open(*after);
            judge(*again, 5, confirmed);
            must(transfer(*again, 100));  // it works on
        }
        REQUIRE(must_open(*after)->is_done(100));
    }
    return stop;
}

}  // namespace

TEST_CASE(
    "RELIABILITY 8, 79: wherever a commit stops, outputs, state and position are all there or none, and all that was "
    "confirmed is") {
    for (const loss how : losses) CHECK(stop_everywhere(how, 0) > 20);
}

TEST_CASE("RELIABILITY 8: wherever the state is being written anew, nothing of it is lost") {
    constexpr std::size_t filler = 300'000;
    sim_disk disk;
    {
        const auto one = must_open(disk);
        for (offset at = 1; at <= 3; ++at) must(transfer(*one, at, filler));
    }
    // The fourth is the one that comes to 1 MiB.
    const std::uint64_t begins = disk.calls - 4;
    CHECK(stop_everywhere(loss::any, filler, begins) > begins + 5);
}

TEST_CASE("what was committed is there at the next opening, with the marks of what was consumed") {
    sim_disk disk;
    memory_identity before;
    {
        const auto one = must_open(disk);
        before = one->core->identity();
        for (offset at = 1; at <= 3; ++at) must(transfer(*one, at));
        CHECK(one->in->is_told(3));
        CHECK(one->core->stats().committed == 3);
        CHECK(one->core->stats().in_hand == 0);
    }
    const auto again = must_open(disk);
    CHECK(again->core->identity().scope == before.scope);
    CHECK(again->core->identity().epoch == before.epoch + 1);
    CHECK(again->core->identity().nonce != before.nonce);
    judge(*again, 5, {1, 2, 3});
}

TEST_CASE("RELIABILITY 79: an aborted transaction leaves nothing, and its inputs come again") {
    sim_disk disk;
    {
        const auto one = must_open(disk);
        must(transfer(*one, 1));
        const auto step = one->core->begin(timeout::never).value();
        auto input = one->in->hand_out(2);
        must(one->core->consume(step, std::move(*input)));
        must(one->core->put(step, "sum", "1000"));
        must(one->core->erase(step, "n1"));
        must(one->core->send(step, one->out, message{"never"}));
        CHECK(one->core->view_of(step).get("sum") == "1000");
        CHECK(one->core->view().get("sum") == "1");
        one->core->abort(step, {});
        CHECK(one->core->stats().aborted == 1);
        judge(*one, 1, {1});
        CHECK_FALSE(one->in->is_told(2));
        must(transfer(*one, 2));
    }
    judge(*must_open(disk), 2, {1, 2});
}

TEST_CASE("what comes late of a transaction that has ended is fenced, and joins no other") {
    sim_disk disk;
    const auto one = must_open(disk);
    const auto aborted = one->core->begin(timeout::never).value();
    one->core->abort(aborted, {});
    const auto next = one->core->begin(timeout::never).value();
    CHECK(next > aborted);
    CHECK(one->core->send(aborted, one->out, message{"late"}).failed(errc::fenced));
    CHECK(one->core->put(aborted, "late", "").failed(errc::fenced));
    CHECK(one->core->erase(aborted, "late").failed(errc::fenced));
    CHECK(one->core->commit(aborted, timeout::never).failed(errc::fenced));
    auto input = one->in->hand_out(1);
    CHECK(one->core->consume(aborted, std::move(*input)).failed(errc::fenced));
    CHECK_FALSE(input->settled());  // given back
    must(one->core->put(next, "mine", ""));
    must(one->core->commit(next, timeout::never));
    CHECK(one->core->commit(next, timeout::never).failed(errc::fenced));
    CHECK(one->core->view().size() == 1);
    CHECK(one->sent().empty());
    CHECK(one->core->stats().fenced == 6);
}

TEST_CASE(
    "a second opening of the state is locked out while the first lives, and what the first still says then is closed") {
    sim_disk disk;
    const auto one = must_open(disk);
    const auto state = one->store->stream_named("state").value();
    CHECK_FALSE(one->store->lend(state));
    const auto step = one->core->begin(timeout::never).value();
    must(one->core->put(step, "a", "1"));
    must(one->core->close(timeout::never));
    CHECK(one->core->begin(timeout::never).failed(errc::closed));
    CHECK(one->core->put(step, "a", "2").failed(errc::fenced));
    CHECK(one->core->commit(step, timeout::never).failed(errc::fenced));
    CHECK(one->store->lend(state));
}

TEST_CASE("a stream that may give up its oldest records is no state's, and says so") {
    sim_disk disk;
    const auto one = must_open(disk);
    const auto other = one->store->stream_named("other").value();
    for (const bool drop_oldest : {true, false}) {
        one->store->keep_at_most(other, drop_oldest, drop_oldest ? 0ms : 1h);
        REQUIRE(one->store->lend(other));
        CHECK(transaction_core::open(make_journal_log(one->store, other), {}).failed(errc::unsupported));
    }
}

TEST_CASE(
    "a step that is there twice, as two who speak for one opening would write it, is corrupt, and nothing is changed") {
    sim_disk disk;
    {
        const auto one = must_open(disk);
        must(transfer(*one, 1));
        must(one->core->close(timeout::never));
        const std::string twin = begin_changes(change_format::kind::changes, {one->core->identity().epoch, 1});
        log_ticket ticket;
        const record_parts parts{.body = as_bytes(twin)};
        const auto state = one->store->stream_named("state").value();
        REQUIRE(one->store->submit_next(state, {&parts, 1}, stage::durable, ticket));
        must(one->store->wait(ticket, stage::durable, std::chrono::steady_clock::time_point::max()));
    }
    bank again{disk};
    CHECK(again.opened.failed(errc::corrupt));
}

TEST_CASE(
    "RELIABILITY 73: an input whose handler's time ran out makes its transaction fail, and the others come again") {
    sim_disk disk;
    const auto one = must_open(disk);
    const auto step = one->core->begin(timeout::never).value();
    for (offset at = 1; at <= 2; ++at) {
        auto input = one->in->hand_out(at);
        must(one->core->consume(step, std::move(*input)));
    }
    must(one->core->put(step, "sum", "3"));
    one->in->time_is_up(2);
    CHECK(one->core->commit(step, timeout::never).failed(errc::expired));
    CHECK(one->core->view().size() == 0);
    must(transfer(*one, 1));
    must(transfer(*one, 2));
    judge(*one, 2, {1, 2});
    const auto next = one->core->begin(timeout::never).value();
    auto late = one->in->hand_out(3);
    one->in->time_is_up(3);
    CHECK(one->core->consume(next, std::move(*late)).failed(errc::expired));
    CHECK_FALSE(late->settled());  // given back
    one->core->abort(next, {});
}

TEST_CASE("an input that is acked by itself is consumed without effect, and its ack waits for its mark") {
    sim_disk disk;
    {
        const auto one = must_open(disk);
        auto input = one->in->hand_out(1);
        input->ack();
        while (!one->in->is_told(1)) std::this_thread::yield();
        must(transfer(*one, 2));
    }
    const auto again = must_open(disk);
    CHECK(again->is_done(1));
    CHECK(again->is_done(2));
    CHECK(again->core->view().get("sum") == "2");
}

TEST_CASE("what was put and sent behind a savepoint is undone alone") {
    sim_disk disk;
    const auto one = must_open(disk);
    const auto step = one->core->begin(timeout::never).value();
    must(one->core->put(step, "a", "1"));
    must(one->core->send(step, one->out, message{"first"}));
    must(one->core->savepoint(step));
    must(one->core->put(step, "a", "2"));
    must(one->core->put(step, "b", "2"));
    must(one->core->erase(step, "a"));
    must(one->core->send(step, one->out, message{"second"}));
    must(one->core->roll_back(step));
    must(one->core->put(step, "c", "3"));
    must(one->core->commit(step, timeout::never));
    CHECK(one->core->view().get("a") == "1");
    CHECK_FALSE(one->core->view().contains("b"));
    CHECK(one->sent() == std::vector<std::string>{"first"});
    (void)one->core->close(timeout::never);
}

TEST_CASE(
    "RELIABILITY 29: when a write or a sync fails the commit says so, nothing more is taken, and an opening decides") {
    std::uint64_t failures = 0;
    for (std::uint64_t fail = 1; fail<60; fail += one_in> 1 ? 7 : 1) {
        sim_disk disk;
        std::vector<offset> confirmed;
        {
            bank one{disk};
            must(one.opened);
            disk.fail_at = disk.calls + fail;
            for (offset at = 1; at <= 5; ++at) {
                const auto done = transfer(one, at);
                if (done) {
                    confirmed.push_back(at);
                    continue;
                }
                ++failures;
                CHECK(done.failed(errc::io));
                CHECK(one.core->health().failed(errc::io));
                CHECK(one.core->begin(timeout::never).failed(errc::io));
                CHECK_FALSE(one.in->is_told(at));
                break;
            }
        }
        disk.fail_at = 0;
        judge(*must_open(disk), 5, confirmed);
    }
    CHECK(failures > 1);
}

TEST_CASE("RELIABILITY 31: on a full disk a commit waits, decided, and goes on when there is space") {
    sim_disk disk;
    {
        const auto one = must_open(disk);
        must(transfer(*one, 1));
        disk.bytes_max = 1;
        const auto step = one->core->begin(timeout::never).value();
        auto input = one->in->hand_out(2);
        must(one->core->consume(step, std::move(*input)));
        must(one->core->put(step, "n2", "done"));
        must(one->core->put(step, "sum", "3"));
        must(one->core->put(step, "filler", std::string(50'000, 'x')));
        must(one->core->send(step, one->out, message{"out 2"}));
        CHECK(one->core->commit(step, std::chrono::milliseconds{50}).failed(errc::timed_out));
        CHECK(one->core->begin(std::chrono::milliseconds{0}).failed(errc::timed_out));
        CHECK_FALSE(one->in->is_told(2));
        CHECK_FALSE(one->core->view().contains("n2"));
        disk.bytes_max = ~std::uint64_t{0};
        const auto next = one->core->begin(timeout::never).value();
        CHECK(one->in->is_told(2));
        CHECK(one->core->view().contains("n2"));
        one->core->abort(next, {});
        must(one->core->health());
    }
    judge(*must_open(disk), 2, {1, 2});
}

TEST_CASE("limits are told by name, and what was refused left no trace") {
    sim_disk disk;
    const auto one = must_open(disk, {.state_bytes_max = 64u << 10, .transaction_bytes_max = 64u << 10});
    const auto step = one->core->begin(timeout::never).value();
    CHECK(one->core->put(step, std::string(65'536, 'k'), "").failed(errc::too_large));
    CHECK(one->core->put(step, "k", std::string((16u << 20) + 1, 'v')).failed(errc::too_large));
    CHECK(one->core->send(step, one->out, message{std::string(70'000, 'm')}).failed(errc::too_large));
    const std::string large(70'000, 'h');
    const message headed = message::make({.headers = {{"large", large}}}).value();
    CHECK(one->core->send(step, one->out, headed).failed(errc::too_large));
    must(one->core->put(step, "a", std::string(60'000, 'v')));
    CHECK(one->core->put(step, "b", std::string(6'000, 'v')).failed(errc::too_large));
    must(one->core->commit(step, timeout::never));
    const auto next = one->core->begin(timeout::never).value();
    CHECK(one->core->put(next, "b", std::string(6'000, 'v')).failed(errc::full));
    must(one->core->put(next, "b", "small"));
    must(one->core->put(next, "a", std::string(61'000, 'w')));  // in place of what was there
    must(one->core->commit(next, timeout::never));
    CHECK(one->core->view().size() == 2);
    const auto many = one->core->begin(timeout::never).value();
    int keys = 0;
    while (one->core->put(many, "key" + std::to_string(keys), "")) ++keys;
    CHECK(keys < (65'536 - 61'000) / 13);  // each costs more than its bytes
    one->core->abort(many, {});
    CHECK(one->core->begin(std::chrono::milliseconds{0}).has_value());
    CHECK(one->core->begin(std::chrono::milliseconds{1}).failed(errc::timed_out));
}
