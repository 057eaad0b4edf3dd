// receipt_printer: prints "OFFSET<TAB>STAGE" for each message as it comes to the stage, or the outcome that it came to
// instead, flushed. What overtakes the oldest message is looked for every 20 ms.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "godwit/receipt.hpp"
#include "interruption.hpp"

namespace tool {

class receipt_printer {
public:
    using clock = std::chrono::steady_clock;

    // Raises the interruption, which it borrows, when standard output takes no more, so that the reading of lines ends.
    receipt_printer(godwit::stage wanted, interruption& interrupted);
    ~receipt_printer();  // gives up what is outstanding

    void add(const godwit::receipt& one);
    void finish(clock::time_point deadline);  // waits for the rest, no longer than that; throws what went wrong, once

private:
    struct awaited {
        godwit::receipt of;
        bool printed = false;
    };

    void run();
    void print_all();
    bool fetch();  // what was added; false: nothing is outstanding, and nothing will be, or the time is up
    void print_what_overtook();
    bool try_print(awaited& one, godwit::timeout limit);
    void end_by(clock::time_point deadline);

    const godwit::stage wanted_;
    interruption& interrupted_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<awaited> added_;
    clock::time_point deadline_ = clock::time_point::max();
    bool complete_ = false;  // no more will be added
    std::exception_ptr problem_;

    // The thread's own:
    std::deque<awaited> outstanding_;
    std::size_t looked_at_ = 0;
    std::string buffer_;

    std::thread thread_;
};

}  // namespace tool
