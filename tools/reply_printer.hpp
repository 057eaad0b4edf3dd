// reply_printer: prints the replies of requests in the order in which the requests were made, while more are made.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "godwit/req.hpp"
#include "interruption.hpp"
#include "options.hpp"

namespace tool {

class reply_printer {
public:
    static constexpr std::size_t outstanding_max = 256;

    // Borrows both. Raises the interruption when a reply fails, so that the reading of lines ends too.
    reply_printer(const options& options, interruption& interrupted);
    ~reply_printer();  // gives up what is outstanding

    void add(godwit::pending request);  // blocks while outstanding_max are outstanding
    void finish();                      // waits for the last reply; throws what went wrong, once

private:
    void run();
    void print_all();
    bool take(godwit::pending& request);  // waits for the next one; false after the last

    const options& options_;
    interruption& interrupted_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<godwit::pending> requests_;
    bool complete_ = false;  // no more will be added
    bool ended_ = false;     // the thread takes no more
    std::exception_ptr problem_;

    std::thread thread_;
};

}  // namespace tool
