// Messages of one key are handled one after the other and in order, also when one of them has to be tried again; other
// keys are not held up. Each account's movements stay in order while four threads handle them.
#include <chrono>
#include <iostream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

namespace {

class ledger {
public:
    // The second movement of each account fails twice.
    void book(godwit::delivery& movement) {
        if (movement.text().ends_with(" 2") && movement.attempt() < 3) throw std::runtime_error{"the disk is busy"};
        const std::lock_guard hold{lock_};
        booked_[std::string{movement.key()}] += std::string{movement.text()} + "; ";
    }
    void print() const {
        for (const auto& [account, movements] : booked_) std::cout << account << ": " << movements << '\n';
    }

private:
    std::mutex lock_;
    std::map<std::string, std::string> booked_;
};

void run(const std::string& url) {
    godwit::context context;
    godwit::push movements{context, godwit::ack_retry{.backoff_min = 1ms, .ordered_by_key = true}};
    godwit::pull bank{context, godwit::ack_retry{}};
    movements.connect(bank.bind(url).value()).value();
    ledger booked;
    std::jthread clerks{[&](const std::stop_token& stop) {
        bank.consume([&](godwit::delivery& one) { booked.book(one); }, {.concurrency = 4, .stop = stop}).value();
    }};
    for (int number = 1; number <= 5; ++number) {
        for (const char* account : {"ann", "ben", "cay"}) {
            movements.send("movement " + std::to_string(number), {.key = account}).value();
        }
    }
    movements.flush(godwit::stage::processed, 30s).value();
    clerks = {};
    booked.print();
}

}  // namespace

int main(int argc, char** argv) try {
    run(argc > 1 ? argv[1] : "inproc://movements");
} catch (const std::exception& problem) {
    std::cerr << "ordered_by_key: " << problem.what() << '\n';
    return 1;
}
