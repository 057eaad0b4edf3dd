// Replay: a publisher with a journal serves who comes later, from the first record, from an offset or from a time; and a
// subscriber with a name goes on where it was, through a restart of both.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"
#include "godwit/journal.hpp"

namespace {

using godwit::start;
using godwit::subscription;

struct publisher {
    publisher(const std::string& address, const std::filesystem::path& directory)
        : store{godwit::journal::open(directory, {.durable_anywhere = true}).value()},
          out{context, godwit::ack_retry{}, store.stream("ticks").value()},
          url{out.bind(address).value()} {}

    godwit::journal store;
    godwit::context context;
    godwit::pub out;
    std::string url;
};

void publish(godwit::pub& out, int from, int to) {
    for (int hour = from; hour <= to; ++hour) out.send("ticks.eur", "tick " + std::to_string(hour)).value();
    out.flush(godwit::stage::durable).value();
}

// A subscriber that comes, takes so many, and goes when the publisher knows of each ack.
void read(publisher& from_whom, const char* who, const subscription& from, int count) {
    godwit::pub& out = from_whom.out;
    const auto before = out.delivery_counters().acked;
    godwit::sub in{from_whom.context, godwit::ack_retry{}, from};
    in.subscribe("ticks.>").value();
    in.connect(from_whom.url).value();
    std::cout << who << ':';
    for (int i = 0; i < count; ++i) {
        auto tick = in.recv().value();
        std::cout << ' ' << tick.text().substr(5);
        tick.ack();
    }
    std::cout << '\n';
    while (out.delivery_counters().acked < before + static_cast<unsigned>(count)) std::this_thread::yield();
    in.close().value();
}

void first_run(publisher&& now) {
    publish(now.out, 1, 4);
    const auto noon = std::chrono::system_clock::now() + std::chrono::milliseconds{1};
    std::this_thread::sleep_until(noon + std::chrono::milliseconds{1});
    publish(now.out, 5, 8);
    read(now, "from the first", {.from = start::first}, 8);
    read(now, "since noon", {.from = start::since, .since = noon}, 4);
    read(now, "audit, the first half", {.from = start::first, .name = "audit"}, 4);
    now.out.close().value();
}

void second_run(publisher&& now) {
    publish(now.out, 9, 10);
    read(now, "audit, after a restart", {.name = "audit"}, 6);
    now.out.close().value();
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string url = argc > 1 ? argv[1] : "inproc://ticks";
    // Which may be in memory: hence durable_anywhere, which nothing that has to outlive the power should say.
    const auto directory = std::filesystem::temp_directory_path() / ("replay." + std::to_string(::getpid()));
    first_run({url, directory});
    second_run({url, directory});
    std::filesystem::remove_all(directory);
} catch (const std::exception& problem) {
    std::cerr << "replay: " << problem.what() << '\n';
    return 1;
}
