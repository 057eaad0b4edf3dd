#include <atomic>
#include <thread>

#include "core/link_table.hpp"
#include "core/socket_pairs.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace godwit::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto url = "tcp://127.0.0.1:5555";

}  // namespace

// The runner tells of links while callers part them: counts and descriptors come out even.
TEST_CASE("opening, shaking and closing race with parting without a leak") {
    const auto open_before = open_descriptors();
    {
        const auto peers = std::make_shared<peer_table>(1000);
        link_table links{peers, 1h, true};
        const socket_pair pair = unix_pair();
        std::atomic<bool> enough{false};
        std::jthread parter{[&] {
            while (!enough) {
                links.part(url);
                (void)links.take_closed();
            }
        }};
        for (int i = 0; i < 3000; ++i) {
            links.opened(pair.near.get(), url);
            links.shaken(url);
            links.closed(pair.near.get(), url);
        }
        enough = true;
        parter.join();
        links.part("");
        CHECK(peers->count() == 0);
    }
    CHECK(open_descriptors() == open_before);
}
