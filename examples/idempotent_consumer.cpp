// An idempotent consumer, without a table of one's own: a process that bills orders and is killed in the middle of it, three
// times. What it has handled stands in a directory; so each order is completed once, although the sender sends again what
// it has heard nothing of. The one that was in hand at a kill is begun again: its effect belongs behind its own check, or
// into a transaction.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include "godwit/ack_retry.hpp"
#include "godwit/dedup.hpp"
#include "godwit/godwit.hpp"
#include "process.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int orders = 300, kills = 3;
constexpr godwit::ack_retry quick{
    .attempts_max = 100, .backoff_min = 1ms, .backoff_max = 20ms, .heartbeat = 50ms, .lease = 500ms};

// Until it is killed. A line a completed order is its effect.
void bill(const std::string& url, const std::string& directory) {
    auto seen = godwit::dedup::open(directory + "/billing.dedup").value();
    godwit::context context;
    godwit::pull in{context, quick, seen};
    in.connect(url).value();
    std::ofstream book{directory + "/book", std::ios::app};
    while (auto order = in.recv()) {
        book << order->text() << std::endl;
        order->ack();
        seen.flush().value();  // without, a kill repeats those that were acked in its last moment, too
    }
}

int lines_in(const std::filesystem::path& file) {
    std::ifstream book{file};
    int count = 0;
    for (std::string line; std::getline(book, line);) ++count;
    return count;
}

void run(const std::string& wanted, const std::filesystem::path& directory) {
    const std::filesystem::path book = directory / "book";
    godwit::context context;
    godwit::push out{context, quick};
    const std::string url = out.bind(wanted).value();
    for (int number = 1; number <= orders; ++number) out.send("order " + std::to_string(number)).value();
    for (int life = 1; life <= kills; ++life) {
        process billing{"billing", url, directory};
        while (lines_in(book) < life * orders / (kills + 1)) ::usleep(1000);
        billing.end(SIGKILL);
    }
    process billing{"billing", url, directory};
    out.flush(godwit::stage::processed, 60s).value();
    std::map<std::string, int> times;
    std::ifstream written{book};
    for (std::string line; std::getline(written, line);) ++times[line];
    int repeated = 0;
    for (const auto& [order, count] : times) repeated += count - 1;
    std::cout << "billing was killed " << kills << " times\n";
    std::cout << times.size() << " orders are billed\n";
    std::cout << (repeated <= kills ? "none was begun twice, but at most one for each kill\n" : "some were repeated\n");
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc == 4) {
        bill(argv[2], argv[3]);
        return 0;
    }
    const std::string url = between_processes(argc > 1 ? argv[1] : "inproc://");
    const auto directory =
        std::filesystem::temp_directory_path() / ("idempotent_consumer." + std::to_string(::getpid()));
    std::filesystem::create_directory(directory);
    run(url, directory);
    std::filesystem::remove_all(directory);
} catch (const std::exception& problem) {
    std::cerr << "idempotent_consumer: " << problem.what() << '\n';
    return 1;
}
