#include "endpoints.hpp"

#include <iostream>

#include "duration.hpp"
#include "failure.hpp"

namespace tool {

void open(godwit::socket& socket, const options& options) {
    for (const std::string& url : options.bind) {
        const std::string bound = socket.bind(url).value();
        if (bound != url) std::cerr << "godwit: bound " << bound << std::endl;
    }
    for (const std::string& url : options.connect) socket.connect(url).value();
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
