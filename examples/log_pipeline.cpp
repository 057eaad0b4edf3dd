// A pipeline over a real log: a feeder sends its lines, workers compete for them and take each apart, a sink adds up.
//
//   feeder  --push/pull-->  worker, worker, worker  --push/pull-->  sink
//
// Over inproc the workers are threads, over ipc and tcp they are processes of their own; nothing else changes with the
// URL. The end of the stream is said, not guessed: the feeder tells the sink how many lines there are, the sink ends
// when it has them all, and the workers end when the feeder leaves them.
// Usage: log_pipeline [URL [FILE [REPEAT]]], by default inproc://log and three lines of its own.
// Prints: lines, bytes, and how many lines have each third field. Progress and throughput go to standard error.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "beside.hpp"
#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

namespace {

constexpr std::size_t worker_count = 3;
constexpr std::string_view total_prefix = "total ";

// The third field of a line, or "-".
std::string_view third_field(std::string_view line) {
    constexpr std::string_view blanks = " \t";
    for (int field = 1;; ++field) {
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        if (line.empty()) return "-";
        const std::string_view word = line.substr(0, line.find_first_of(blanks));
        if (field == 3) return word;
        line.remove_prefix(word.size());
    }
}

// Makes "LENGTH FIELD" of each line. Ends when the feeder has gone.
void work(godwit::context& context, const std::string& lines_endpoint, const std::string& results_endpoint) {
    godwit::push out{context};
    godwit::pull in{context};
    out.connect(results_endpoint).value();
    in.connect(lines_endpoint).value();
    std::jthread watch{[&in](const std::stop_token& stop) {
        while (const auto event = in.next_event(godwit::timeout::never, stop)) {
            if (event->kind == godwit::event_kind::peer_left) in.close().value();
        }
    }};
    std::vector<godwit::delivery> lines(256);
    std::vector<godwit::message> results;
    while (const auto count = in.recv_many(lines)) {
        results.clear();
        for (const godwit::delivery& line : std::span{lines}.first(*count)) {
            results.emplace_back(std::to_string(line.text().size()) + " " + std::string{third_field(line.text())});
        }
        if (out.send_many(results).value() != results.size()) throw std::runtime_error{"the sink takes no more"};
    }
}

// Sends all lines, `repeat` times over, and tells the sink how many they were.
void feed(godwit::push& out, godwit::push& control, const std::vector<std::string>& lines, int repeat) {
    out.wait_for_peers(worker_count, 10s).value();
    const std::vector<godwit::message> messages{lines.begin(), lines.end()};
    for (int round = 0; round < repeat; ++round) {
        std::span<const godwit::message> rest{messages};
        while (!rest.empty()) rest = rest.subspan(out.send_many(rest).value());
    }
    const auto total = lines.size() * static_cast<std::size_t>(repeat);
    control.send(std::string{total_prefix} + std::to_string(total)).value();
}

struct totals {
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0;
    std::map<std::string, std::uint64_t, std::less<>> fields;

    void add(std::string_view result) {
        const std::size_t space = result.find(' ');
        ++lines;
        bytes += std::stoull(std::string{result.substr(0, space)});
        const std::string_view field = result.substr(space + 1);
        const auto found = fields.find(field);
        ++(found != fields.end() ? found->second : fields[std::string{field}]);
    }
};

// Adds up until all lines that the feeder announced are there. Throws if none comes for 30 seconds.
totals sink(godwit::pull& in) {
    const bool shows_progress = ::isatty(STDERR_FILENO) == 1;
    totals sum;
    std::uint64_t expected = UINT64_MAX;
    std::vector<godwit::delivery> results(256);
    for (std::uint64_t shown = 0; sum.lines < expected;) {
        const std::size_t count = in.recv_many(results, 30s).value();
        for (const godwit::delivery& result : std::span{results}.first(count)) {
            const std::string_view text = result.text();
            if (text.starts_with(total_prefix)) {
                expected = std::stoull(std::string{text.substr(total_prefix.size())});
            } else {
                sum.add(text);
            }
        }
        if (shows_progress && sum.lines - shown >= 20'000) std::cerr << '\r' << (shown = sum.lines) << " lines";
    }
    if (shows_progress) std::cerr << "\r\x1b[K";
    return sum;
}

// A worker as a process: this program again, in the role of one.
pid_t spawn_worker(std::string lines_endpoint, std::string results_endpoint) {
    std::string program = "log_pipeline";
    std::string role = "worker";
    char* arguments[] = {program.data(), role.data(), lines_endpoint.data(), results_endpoint.data(), nullptr};
    pid_t process = 0;
    if (::posix_spawn(&process, "/proc/self/exe", nullptr, nullptr, arguments, environ) != 0) {
        throw std::runtime_error{"no worker could be started"};
    }
    return process;
}

std::vector<std::string> read_lines(const char* path) {
    if (path == nullptr) return {"9:00 ann login", "9:05 ben login", "9:30 ann logout"};
    std::ifstream file{path};
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    if (lines.empty()) throw std::runtime_error{std::string{path} + " cannot be read, or has no lines"};
    return lines;
}

void run(const std::string& url, const std::vector<std::string>& lines, int repeat) {
    godwit::context context;
    godwit::pull in{context};
    godwit::push out{context};
    godwit::push control{context};
    const std::string lines_endpoint = out.bind(url).value();
    const std::string results_endpoint = in.bind(beside(url, "results")).value();
    control.connect(results_endpoint).value();

    std::vector<std::jthread> threads;
    std::vector<pid_t> processes;
    for (std::size_t count = 0; count < worker_count; ++count) {
        if (url.starts_with("inproc://")) {
            threads.emplace_back([&] { work(context, lines_endpoint, results_endpoint); });
        } else {
            processes.push_back(spawn_worker(lines_endpoint, results_endpoint));
        }
    }
    const auto begin = std::chrono::steady_clock::now();
    std::jthread feeder{[&] { feed(out, control, lines, repeat); }};
    const totals sum = sink(in);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

    feeder.join();
    out.close().value();  // the workers see it, and end
    threads.clear();
    for (const pid_t process : processes) ::waitpid(process, nullptr, 0);

    std::cout << "lines " << sum.lines << "\nbytes " << sum.bytes << '\n';
    for (const auto& [field, count] : sum.fields) std::cout << "field " << field << ' ' << count << '\n';
    std::cerr << url << ": " << sum.lines << " lines in " << took.count() << " s, "
              << static_cast<std::uint64_t>(static_cast<double>(sum.lines) / took.count()) << " lines/s\n";
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string url = argc > 1 ? argv[1] : "inproc://log";
    if (url == "worker" && argc == 4) {
        godwit::context context;
        work(context, argv[2], argv[3]);
    } else {
        run(url, read_lines(argc > 2 ? argv[2] : nullptr), argc > 3 ? std::stoi(argv[3]) : 1);
    }
} catch (const std::exception& problem) {
    std::cerr << "log_pipeline: " << problem.what() << '\n';
    return 1;
}
