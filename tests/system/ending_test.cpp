// Programs that end without closing anything.
#include "conformance/transports.hpp"
#include "system/process.hpp"

using namespace system_tests;

TEST_CASE("row 67: static sockets and contexts end in any order and the program ends by itself") {
    const auto order = GENERATE(as<std::string>(), "context_first", "sockets_first");
    const auto name = GENERATE(as<std::string>(), "inproc", "ipc_file", "ipc_abstract");
    INFO(name << ", " << order);
    process ending{"ending_peer"};
    REQUIRE(ending.ask(order + " " + find_transport(name)->url()) == "ok");
    REQUIRE(ending.exit_status() == 0);
}
