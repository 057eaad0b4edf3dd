#include "core/lamp.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <cstdint>
#include <optional>

#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

bool readable(int descriptor) {
    pollfd watched{descriptor, POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
}

struct event {
    void set() {
        const std::uint64_t one = 1;
        REQUIRE(::write(fd.get(), &one, sizeof one) == sizeof one);
    }
    void clear() {
        std::uint64_t rings = 0;
        REQUIRE(::read(fd.get(), &rings, sizeof rings) == sizeof rings);
    }
    unique_fd fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

}  // namespace

TEST_CASE("a lamp is readable while it is lit, however often it was told") {
    event bell;
    const auto one = lamp::make(bell.fd.get()).value();
    CHECK_FALSE(one->lit());
    CHECK_FALSE(readable(one->descriptor()));
    one->light();
    one->light();
    CHECK(one->lit());
    CHECK(readable(one->descriptor()));
    CHECK(readable(one->descriptor()));
    one->darken();
    one->darken();
    CHECK_FALSE(one->lit());
    CHECK_FALSE(readable(one->descriptor()));
}

TEST_CASE("a dark lamp is readable as long as one of what it watches is") {
    event bell, first, second;
    const auto one = lamp::make(bell.fd.get()).value();
    REQUIRE(one->watch(first.fd.get()));
    REQUIRE(one->watch(second.fd.get()));
    for (event* each : {&bell, &first, &second}) {
        each->set();
        CHECK(readable(one->descriptor()));
        CHECK_FALSE(one->lit());
        each->clear();
        CHECK_FALSE(readable(one->descriptor()));
    }
}

TEST_CASE("what a lamp watches leaves by being closed") {
    event bell;
    std::optional<event> gone{std::in_place};
    const auto one = lamp::make(bell.fd.get()).value();
    REQUIRE(one->watch(gone->fd.get()));
    gone->set();
    CHECK(readable(one->descriptor()));
    gone.reset();
    CHECK_FALSE(readable(one->descriptor()));
}

TEST_CASE("a lamp that cannot watch says why") {
    event bell;
    const auto one = lamp::make(bell.fd.get()).value();
    const auto refused = one->watch(-1);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == errc::io);
    CHECK_FALSE(lamp::make(-1));
}
