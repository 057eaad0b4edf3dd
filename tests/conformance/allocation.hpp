// sweep: calls a verb with each of its allocations failing in turn.
#pragma once
#include <functional>
#include <new>
#include <string>

#include "conformance/failing_new.hpp"
#include "test_main.hpp"

namespace conformance {

// Calls `verb` with the first, the second, … allocation failing, until a call meets no failure: that one must succeed,
// and `unharmed` hold after each that did not. How many failed, and of these how many threw.
struct tally {
    std::size_t failed = 0;
    std::size_t thrown = 0;
};

inline tally sweep(const std::function<std::string()>& verb, const std::function<void()>& unharmed) {
    tally seen;
    for (std::size_t which = 1; which < 500; ++which) {
        INFO("allocation " << which);
        std::string said;
        bool met = false;
        {
            const failing_new failing{which};
            try {
                said = verb();
            } catch (const std::bad_alloc&) {
                said = "bad_alloc";
            }
            met = failing_new::has_failed();
        }
        if (!met) {
            REQUIRE(said == "ok");
            return seen;
        }
        // Some are made up for: an error without its words, a cache that is not there.
        CAPTURE(said);
        REQUIRE((said == "ok" || said == "bad_alloc" || said == "no_resources"));
        ++seen.failed;
        seen.thrown += said == "bad_alloc" ? 1u : 0u;
        unharmed();
    }
    FAIL("no end of allocations");
    return seen;
}

}  // namespace conformance
