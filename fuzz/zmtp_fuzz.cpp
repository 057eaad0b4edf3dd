// What the doctor reads of a peer of which it believes nothing.
#include "zmtp.hpp"

#include "require.hpp"

using namespace tool;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (zmtp::parse_greeting(text)) {
        require(zmtp::protocol_of(text) == zmtp::protocol::zmtp_3, "who greets in version 3 speaks it");
    }
    zmtp::command said;
    if (zmtp::parse_command(text, said) == zmtp::progress::done) {
        require(said.name.size() + said.body.size() <= size, "a command is no longer than what came");
    }
    (void)zmtp::parse_metadata(text);
    if (const auto reason = zmtp::parse_error(text))
        require(reason->size() < size, "a reason has its length before it");
    return 0;
}
