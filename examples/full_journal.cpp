// A journal has a limit. Where what is in it has to stay, its sender is held back until receivers have taken some; where it
// may go, the oldest goes, and is counted.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <string>

#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"
#include "godwit/journal.hpp"

namespace {

constexpr godwit::journal_options small{.bytes_max = 256u << 10, .segment_bytes = 32u << 10};
const std::string kilobyte(1000, '.');

// How many went in before there was no room.
int fill(godwit::push& out) {
    for (int sent = 0;; ++sent) {
        const auto taken = out.send(kilobyte, {.within = std::chrono::milliseconds{100}});
        if (taken) continue;
        if (!taken.failed(godwit::errc::full)) throw taken.error();
        return sent;
    }
}

void held_back(const std::string& address, const std::filesystem::path& directory) {
    auto store = godwit::journal::open(directory, small).value();
    godwit::context context;
    godwit::push out{context, godwit::ack_retry{}, store.stream("orders").value()};
    const std::string url = out.bind(address).value();
    const int sent = fill(out);
    std::cout << "nobody takes them: the journal is full, and send() says so\n";
    godwit::pull in{context, godwit::ack_retry{}};
    in.connect(url).value();
    for (int i = 0; i < sent; ++i) in.recv().value().ack();
    out.send("one more", {.within = godwit::timeout{std::chrono::seconds{10}}}).value();
    std::cout << "all were taken: there is room again, and the next was " << in.recv().value().text() << '\n';
    in.close().value();
    out.close().value();
}

void oldest_goes(const std::filesystem::path& directory) {
    auto store = godwit::journal::open(directory, small).value();
    auto readings = store.stream("readings", {.drop_oldest = true}).value();
    for (int i = 0; i < 1000; ++i) readings.append(godwit::message{kilobyte}, godwit::stage::stored).value();
    std::cout << "a stream that may drop its oldest was never full: of 1000 it has "
              << (readings.given_up() > 0 && readings.end() - readings.first() > 50 ? "the last ones" : "others")
              << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string url = argc > 1 ? argv[1] : "inproc://orders";
    // Which may be in memory: hence durable_anywhere, which nothing that has to outlive the power should say.
    const auto directory = std::filesystem::temp_directory_path() / ("full_journal." + std::to_string(::getpid()));
    held_back(url, directory);
    std::filesystem::remove_all(directory);
    oldest_goes(directory);
    std::filesystem::remove_all(directory);
} catch (const std::exception& problem) {
    std::cerr << "full_journal: " << problem.what() << '\n';
    return 1;
}
