// What the tests of the poller share.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "conformance/expect.hpp"
#include "godwit/poller.hpp"

namespace conformance {

struct pipe_ends {
    pipe_ends() {
        if (::pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) FAIL("no pipe");
    }
    pipe_ends(const pipe_ends&) = delete;
    ~pipe_ends() {
        ::close(fds[0]);
        close_write();
    }
    void close_write() {
        if (fds[1] >= 0) ::close(std::exchange(fds[1], -1));
    }
    void put() { (void)!::write(fds[1], "x", 1); }
    void take() {
        char byte = 0;
        (void)!::read(fds[0], &byte, 1);
    }
    int fds[2] = {-1, -1};
};

inline std::vector<godwit::ready> wait_for(godwit::poller& poller, std::size_t room = 16,
                                           godwit::timeout limit = soon) {
    std::vector<godwit::ready> rows(room);
    rows.resize(must(poller.wait(rows, limit)));
    return rows;
}

inline std::string outcome_of_wait(godwit::poller& poller, godwit::timeout limit, const std::stop_token& stop = {}) {
    std::vector<godwit::ready> rows(4);
    return outcome(poller.wait(rows, limit, stop));
}

}  // namespace conformance
