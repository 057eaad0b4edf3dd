// What libzmq asks about who comes in: frames of any number and size, and the address of an ipc peer.
#include "core/zap_request.hpp"

#include <string>
#include <vector>

#include "require.hpp"

using namespace godwit::detail;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input from{data, size};
    std::vector<std::string> frames;
    while (!from.empty()) frames.emplace_back(from.text(from.byte()));
    if (const auto asked = parse_zap_request(frames)) {
        require(frames.size() >= 6 && frames[0] == "1.0", "a request has its version and six frames");
        require(asked->id == frames[1] && asked->domain == frames[2] && asked->address == frames[3],
                "each in its place");
    }
    (void)parse_ipc_address({reinterpret_cast<const char*>(data), size});
    return 0;
}
