// A work queue that loses nothing: a worker is killed with a job in hand, and another one does that job.
//
//   this process  --jobs-->  worker, worker  --results-->  this process
//
// Both ways are at least once: a worker acks its job when the result was processed, so that whoever dies at whatever
// moment, no job and no result is lost. A result may come twice; here they are told apart by the job they belong to.
#include <chrono>
#include <iostream>
#include <set>
#include <string>

#include "beside.hpp"
#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"
#include "process.hpp"

using namespace std::chrono_literals;

namespace {

// A killed process is given up after a lease; 5 s unless said.
const godwit::ack_retry at_least_once{.heartbeat = 100ms, .lease = 1s};

void work(const std::string& jobs_url, const std::string& results_url, bool is_slow) {
    godwit::context context;
    godwit::pull jobs{context, at_least_once};
    godwit::push results{context, at_least_once};
    jobs.connect(jobs_url).value();
    results.connect(results_url).value();
    while (auto job = jobs.recv()) {
        const std::string text{job->text()};
        if (is_slow) {
            results.send("begun " + text).value();
            ::pause();  // for ever busy with its first job
        }
        const auto receipt = results.send("done " + text).value();
        if (receipt.wait(godwit::stage::processed).value() == godwit::outcome::processed) job->ack();
    }
}

void run(const std::string& url) {
    godwit::context context;
    godwit::push jobs{context, at_least_once};
    godwit::pull results{context, at_least_once};
    const std::string jobs_url = jobs.bind(url).value();
    const std::string results_url = results.bind(beside(url, "results")).value();
    for (int number = 1; number <= 20; ++number) jobs.send("job " + std::to_string(number)).value();

    process slow{"slow worker", jobs_url, results_url};
    auto begun = results.recv().value();
    std::cout << "a worker has " << begun.text() << '\n';
    begun.ack();
    slow.end(SIGKILL);
    std::cout << "it is killed\n";

    process worker{"worker", jobs_url, results_url};
    std::set<std::string> done;
    while (done.size() < 20) {
        auto result = results.recv().value();
        done.emplace(result.text());
        result.ack();
    }
    std::cout << done.size() << " jobs are done\n";
    jobs.flush().value();
    const godwit::delivery_stats counts = jobs.delivery_counters();
    std::cout << counts.unsettled << " are left, " << counts.dead << " were given up\n";
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string first = argc > 1 ? argv[1] : "ipc://@godwit-work-queue";
    if (argc == 4) {
        work(argv[2], argv[3], first == "slow worker");
    } else {
        run(between_processes(first));
    }
} catch (const std::exception& problem) {
    std::cerr << "reliable_work_queue: " << problem.what() << '\n';
    return 1;
}
