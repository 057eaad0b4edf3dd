#include "endpoints.hpp"

#include <iostream>

#include "duration.hpp"
#include "failure.hpp"

namespace tool {

namespace {

// The library's advice speaks C++.
[[noreturn]] void refuse_insecure(const std::string& url, const char* peers_option) {
    throw failure{exit_usage, url + " is open to others, unencrypted: give --keys FILE and " + peers_option +
                                  ", or say --insecure to allow it"};
}

}  // namespace

void open(godwit::socket& socket, const options& options) {
    for (const std::string& url : options.bind) {
        const auto made = socket.bind(url);
        if (made.failed(godwit::errc::insecure)) refuse_insecure(url, "--allow FILE");
        const std::string& bound = made.value();
        if (bound != url) std::cerr << "godwit: bound " << bound << std::endl;
    }
    for (const std::string& url : options.connect) {
        const godwit::status made = socket.connect(url);
        if (made.failed(godwit::errc::insecure)) refuse_insecure(url, "--server-key KEY");
        made.value();
    }
}

void finish(godwit::socket& socket, const options& options) {
    const godwit::status closed = socket.close(options.linger);
    if (closed.failed(godwit::errc::timed_out)) {
        throw failure{exit_timed_out, "not everything could be delivered within " + format_duration(options.linger) +
                                          ": see that a peer is there, or raise --linger"};
    }
    closed.value();
}

}  // namespace tool
