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

void publish(godwit::pub& out, int from, int to) {
    for (int hour = from; hour <= to; ++hour) out.send("ticks.eur", "tick " + std::to_string(hour)).value();
    out.flush(godwit::stage::durable).value();
}

// A subscriber that comes, takes so many, and goes when the publisher knows of each ack.
void read(godwit::context& context, godwit::pub& out, const std::string& url, const char* who, const subscription& from,
          int count) {
    const auto before = out.delivery_counters().acked;
    godwit::sub in{context, godwit::ack_retry{}, from};
    in.subscribe("ticks.>").value();
    in.connect(url).value();
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

void first_run(const std::string& address, const std::filesystem::path& directory) {
    auto store = godwit::journal::open(directory).value();
    godwit::context context;
    godwit::pub out{context, godwit::ack_retry{}, store.stream("ticks").value()};
    const std::string url = out.bind(address).value();
    publish(out, 1, 4);
    const auto noon = std::chrono::system_clock::now() + std::chrono::milliseconds{1};
    std::this_thread::sleep_until(noon + std::chrono::milliseconds{1});
    publish(out, 5, 8);
    read(context, out, url, "from the first", {.from = start::first}, 8);
    read(context, out, url, "since noon", {.from = start::since, .since = noon}, 4);
    read(context, out, url, "audit, the first half", {.from = start::first, .name = "audit"}, 4);
    out.close().value();
}

void second_run(const std::string& address, const std::filesystem::path& directory) {
    auto store = godwit::journal::open(directory).value();
    godwit::context context;
    godwit::pub out{context, godwit::ack_retry{}, store.stream("ticks").value()};
    const std::string url = out.bind(address).value();
    publish(out, 9, 10);
    read(context, out, url, "audit, after a restart", {.name = "audit"}, 6);
    out.close().value();
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string url = argc > 1 ? argv[1] : "inproc://ticks";
    const auto directory = std::filesystem::temp_directory_path() / ("replay." + std::to_string(::getpid()));
    first_run(url, directory);
    second_run(url, directory);
    std::filesystem::remove_all(directory);
} catch (const std::exception& problem) {
    std::cerr << "replay: " << problem.what() << '\n';
    return 1;
}
