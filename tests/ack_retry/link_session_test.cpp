#include "ack_retry/link_session.hpp"

#include "ack_retry/link_pair.hpp"
#include "test_main.hpp"

using namespace link_pair;
using told = std::vector<std::string>;

TEST_CASE("a greeting makes a link, and batches go over it in order") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    all.connect(out, in);
    all.settle();
    REQUIRE(out.told == told{"joined 1"});
    REQUIRE(in.told == told{"joined 1"});
    for (offset at = 0; at < 5; ++at) {
        REQUIRE(out.links->send(1, 1, at, batch_of(at, 1)) == link_set::carried::done);
    }
    all.settle();
    REQUIRE(in.batches.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(in.batches[i].second.number == i + 1);
        CHECK(in.kept[i].view.first() == i);
    }
    CHECK(in.saw("floor 1 4"));
    CHECK(out.links->count() == 1);
}
