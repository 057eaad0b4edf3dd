// URLs: what parses has a canonical form that parses to the same; what does not is an error of one line.
#include "base/endpoint.hpp"

#include "require.hpp"

using namespace godwit::detail;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    for (const auto use : {direction::bind, direction::connect}) {
        const auto parsed = parse_endpoint(text, use);
        if (!parsed) {
            require(parsed.failed(godwit::errc::invalid_endpoint), "one code for all that does not parse");
            const std::string_view words{parsed.error().what()};
            require(words.find('\n') == words.npos && words.size() < 1024, "an error is one short line");
            continue;
        }
        const auto url = parsed->url();
        const auto again = parse_endpoint(url, use);
        require(again.has_value(), "the canonical form parses");
        require(again->url() == url, "and is its own canonical form");
        require(again->kind == parsed->kind && again->address == parsed->address && again->port == parsed->port &&
                    again->any_port == parsed->any_port,
                "and means the same");
        require(!parsed->address.empty() && parsed->address.find('\0') == std::string::npos,
                "an address is a C string");
        require(parsed->kind != transport::tcp || parsed->any_port == (parsed->port == 0), "a port is there, or any");
    }
    return 0;
}
