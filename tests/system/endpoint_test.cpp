// ipc endpoints between processes: never stolen from the living, taken over from the dead, theft by others noticed.
#include <sys/socket.h>
#include <sys/un.h>

#include "conformance/transports.hpp"
#include "system/process.hpp"

using namespace system_tests;

TEST_CASE("RELIABILITY 65: an endpoint in use by another process is refused") {
    const auto name = GENERATE(as<std::string>(), "ipc_file", "ipc_abstract", "tcp_v4");
    INFO(name);
    const auto url = find_transport(name)->url();
    process owner{"plain_peer"};
    REQUIRE(owner.ask("new in pull") == "ok");
    REQUIRE(owner.ask("bind in " + url).starts_with("ok"));
    godwit::context ctx;
    godwit::pull rival{ctx};
    REQUIRE(outcome(rival.bind(url)) == "address_in_use");
    SECTION("even while that process is stopped") {
        owner.signal(SIGSTOP);
        REQUIRE(owner.is_stopped());
        for (int i = 0; i < 3; ++i) REQUIRE(outcome(rival.bind(url)) == "address_in_use");
        owner.signal(SIGCONT);
    }
    godwit::push out{ctx};
    must(out.connect(url));
    must(out.send("mine"));
    REQUIRE(owner.ask("recv in 20000").find("body=" + std::string{"6d696e65"}) != std::string::npos);
}

TEST_CASE("RELIABILITY 65: an endpoint in use by a raw libzmq process is refused") {
    const auto url = ipc_file::make();
    process owner{"raw_peer"};
    REQUIRE(owner.ask("new in pull") == "ok");
    REQUIRE(owner.ask("bind in " + url) == "ok");
    godwit::context ctx;
    godwit::pull rival{ctx};
    REQUIRE(outcome(rival.bind(url)) == "address_in_use");
}

TEST_CASE("RELIABILITY 65: the endpoint of a killed process is taken over") {
    const auto program = GENERATE(as<std::string>(), "plain_peer", "raw_peer");
    INFO(program);
    const auto url = ipc_file::make();
    process owner{program};
    REQUIRE(owner.ask("new in pull") == "ok");
    REQUIRE(owner.ask("bind in " + url).starts_with("ok"));
    owner.end(SIGKILL);
    REQUIRE(std::filesystem::exists(url.substr(6)));
    godwit::context ctx;
    godwit::pull heir{ctx};
    must(heir.bind(url));
    godwit::push out{ctx};
    must(out.connect(url));
    must(out.send("heir"));
    REQUIRE(receive(heir) == "heir");
}

TEST_CASE("a file that is no socket is not taken over") {
    const auto path = scratch().fresh();
    const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    REQUIRE(::write(fd, "precious", 8) == 8);
    ::close(fd);
    godwit::context ctx;
    godwit::pull in{ctx};
    REQUIRE_FALSE(in.bind("ipc://" + path).has_value());
    REQUIRE(std::filesystem::file_size(path) == 8);
}

TEST_CASE("theft of an ipc path by a raw peer is an event") {
    const auto url = ipc_file::make();
    godwit::context ctx;
    godwit::pull owner{ctx};
    must(owner.bind(url));
    SECTION("by libzmq, which replaces a living path without a word") {
        process thief{"raw_peer"};
        REQUIRE(thief.ask("new in pull") == "ok");
        REQUIRE(thief.ask("bind in " + url) == "ok");
        REQUIRE(event_of(owner, godwit::event_kind::endpoint_stolen).endpoint == url);
    }
    SECTION("by unlink and bind") {
        const auto path = url.substr(6);
        REQUIRE(::unlink(path.c_str()) == 0);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        path.copy(name.sun_path, sizeof name.sun_path - 1);
        REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
        REQUIRE(event_of(owner, godwit::event_kind::endpoint_stolen).endpoint == url);
        ::close(fd);
    }
    SECTION("and closing does not take the thief's path away") {
        process thief{"raw_peer"};
        REQUIRE(thief.ask("new in pull") == "ok");
        REQUIRE(thief.ask("bind in " + url) == "ok");
        event_of(owner, godwit::event_kind::endpoint_stolen);
        must(owner.close());
        REQUIRE(std::filesystem::exists(url.substr(6)));
    }
}

TEST_CASE("an ipc peer in another process is known by its pid") {
    const auto url = ipc_file::make();
    godwit::context ctx;
    godwit::pull in{ctx};
    must(in.bind(url));
    process other{"plain_peer"};
    REQUIRE(other.ask("new out push") == "ok");
    REQUIRE(other.ask("connect out " + url) == "ok");
    must(in.wait_for_peers(1, soon));
    REQUIRE(in.peers().at(0).address.find("pid " + std::to_string(other.id())) != std::string::npos);
}
