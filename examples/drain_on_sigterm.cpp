// A worker that ends well when it is asked to: on SIGTERM it finishes what it has in hand, gives back what it had only
// fetched ahead, says good-bye, and exits with 0. Nothing is lost, and nothing is done twice.
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <iostream>
#include <set>
#include <string>
#include <thread>

#include "beside.hpp"
#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"
#include "process.hpp"

using namespace std::chrono_literals;

namespace {

constexpr std::size_t job_count = 1000;

void work(const std::string& jobs_url, const std::string& results_url) {
    // Before any other thread is there, so that all of them have the signal blocked, and one waits for it.
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, nullptr);

    godwit::context context;
    godwit::pull jobs{context, godwit::ack_retry{}};
    godwit::push results{context, godwit::ack_retry{}};
    jobs.connect(jobs_url).value();
    results.connect(results_url).value();
    std::stop_source asked_to_end;
    std::thread listener{[&] {
        int signal = 0;
        sigwait(&term, &signal);
        asked_to_end.request_stop();
    }};
    const auto handle = [&](godwit::delivery& job) { results.send(job.text()).value(); };
    jobs.consume(handle, {.concurrency = 2, .stop = asked_to_end.get_token()}).value();
    listener.join();
    jobs.close(10s).value();     // the last acks leave; what was fetched ahead goes to others
    results.close(10s).value();  // all of them are processed
}

void run(const std::string& url) {
    godwit::context context;
    godwit::push jobs{context, godwit::ack_retry{}};
    godwit::pull results{context, godwit::ack_retry{}};
    const std::string jobs_url = jobs.bind(url).value();
    const std::string results_url = results.bind(beside(url, "results")).value();
    for (std::size_t number = 1; number <= job_count; ++number) jobs.send("job " + std::to_string(number)).value();

    std::set<std::string> done;
    std::size_t results_count = 0;
    const auto take_result = [&] {
        auto result = results.recv(30s).value();
        done.emplace(result.text());
        ++results_count;
        result.ack();
    };
    process first{"worker", jobs_url, results_url};
    take_result();
    std::thread taker{[&] {
        while (done.size() < job_count) take_result();
    }};
    const int status = first.end(SIGTERM);
    process second{"worker", jobs_url, results_url};
    taker.join();
    std::cout << "the first worker ended with status " << status << "\njobs done: " << done.size()
              << "\ndone twice: " << results_count - done.size() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc == 4) {
        work(argv[2], argv[3]);
    } else {
        run(between_processes(argc > 1 ? argv[1] : "ipc://@godwit-drain"));
    }
} catch (const std::exception& problem) {
    std::cerr << "drain_on_sigterm: " << problem.what() << '\n';
    return 1;
}
