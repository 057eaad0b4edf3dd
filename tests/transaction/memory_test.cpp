// What a state does without memory: no ack leaves whose mark nobody has written.
// With the thread sanitizer no allocation fails: see failing_new.cpp.
#if !defined(__SANITIZE_THREAD__)
#include <thread>

#include "conformance/failing_new.hpp"
#include "transaction/transaction_world.hpp"

using namespace transaction_tests;

TEST_CASE(
    "whichever allocation of an ack fails, it leaves only when its mark is kept, and the state says what is to be "
    "done") {
    std::size_t failures = 0;
    for (std::size_t which = 1;; ++which) {
        INFO("allocation " << which);
        sim_disk disk;
        bool met = false, told = false;
        {
            const auto one = must_open(disk);
            must(transfer(*one, 1));
            auto input = one->in->hand_out(2);
            auto later = one->in->hand_out(3);
            {
                const conformance::failing_new failing{which};
                input->ack();
                met = conformance::failing_new::has_failed();
            }
            later->ack();
            const status now = one->core->health();
            if (met) REQUIRE((now || now.failed(errc::no_resources)));
            while (now && !one->in->is_told(3)) std::this_thread::yield();
            told = one->in->is_told(2);
            REQUIRE(told == static_cast<bool>(now));
        }
        const auto again = must_open(disk);
        REQUIRE(again->is_done(1));
        if (told) REQUIRE(again->is_done(2));
        if (!met) break;
        ++failures;
    }
    CHECK(failures > 0);
}
#endif
