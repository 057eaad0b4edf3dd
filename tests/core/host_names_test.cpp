#include "core/host_names.hpp"

#include <algorithm>
#include <atomic>
#include <future>

#include "conformance/expect.hpp"

using namespace conformance;
using godwit::detail::host_names;

namespace {

// A name server that answers when it is told to.
class slow_server {
public:
    std::string answer(const std::string& host) {
        const std::lock_guard one_at_a_time{asking_};
        ++asked;
        open_.wait(false);
        return host + "'s";
    }
    void open() {
        open_ = true;
        open_.notify_all();
    }
    std::atomic<int> asked{0};

private:
    std::mutex asking_;
    std::atomic<bool> open_{false};
};

}  // namespace

TEST_CASE("a name is asked for once at a time, and all who want it are told, on another thread") {
    slow_server server;
    const auto names = std::make_shared<host_names>([&](const std::string& host) { return server.answer(host); });
    std::promise<std::string> first, second, other;
    std::atomic<bool> elsewhere{false};
    REQUIRE(names->look_up_later("a", [&, here = std::this_thread::get_id()](const std::string& number) {
        elsewhere = std::this_thread::get_id() != here;
        first.set_value(number);
    }));
    REQUIRE(eventually([&] { return server.asked == 1; }));
    REQUIRE(names->look_up_later("b", [&](const std::string& number) { other.set_value(number); }));
    REQUIRE(names->look_up_later("a", [&](const std::string& number) { second.set_value(number); }));
    server.open();
    CHECK(first.get_future().get() == "a's");
    CHECK(second.get_future().get() == "a's");
    CHECK(other.get_future().get() == "b's");
    CHECK(elsewhere);
    CHECK(server.asked == 2);
    // The thread has ended, or ends: the next one is another's, or still its.
    std::promise<std::string> again;
    REQUIRE(names->look_up_later("a", [&](const std::string& number) { again.set_value(number); }));
    CHECK(again.get_future().get() == "a's");
    CHECK(server.asked == 3);
}

TEST_CASE("what is finished answers nobody, whatever the name server does") {
    const auto server = std::make_shared<slow_server>();
    const auto names = std::make_shared<host_names>([server](const std::string& host) { return server->answer(host); });
    const auto told = std::make_shared<std::atomic<int>>(0);
    for (const char* const host : {"a", "b"}) {
        REQUIRE(names->look_up_later(host, [told](const std::string&) { ++*told; }));
    }
    REQUIRE(eventually([&] { return server->asked == 1; }));
    names->finish();
    CHECK_FALSE(names->look_up_later("c", [told](const std::string&) { ++*told; }));
    CHECK(told.use_count() == 1);  // what waited has been let go of
    server->open();
    REQUIRE(eventually([&] { return names.use_count() == 1; }));  // the thread has ended
    CHECK(*told == 0);
    CHECK(server->asked == 1);
}
