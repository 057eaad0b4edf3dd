// A durable outbox: a sender writes what it has to send into a journal, and is killed before anybody was there to take it.
// The next one goes on with it: what was durable arrives.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"
#include "godwit/journal.hpp"
#include "process.hpp"

namespace {

// Until it is killed.
void sell(const std::string& url, const std::string& directory) {
    auto store = godwit::journal::open(directory, {.durable_anywhere = true}).value();
    godwit::context context;
    godwit::push orders{context, godwit::ack_retry{}, store.stream("orders").value()};
    orders.connect(url).value();
    godwit::receipt last;
    for (int number = 1; number <= 1000; ++number) last = orders.send("order " + std::to_string(number)).value();
    last.wait(godwit::stage::durable).value();
    std::ofstream{directory + ".written"} << "1000 orders\n";
    ::pause();
}

void wait_for(const std::filesystem::path& file) {
    while (!std::filesystem::exists(file)) ::usleep(1000);
}

void run(const std::string& url, const std::filesystem::path& directory) {
    {
        process seller{"seller", url, directory};
        wait_for(directory.string() + ".written");
        seller.end(SIGKILL);
        std::cout << "1000 orders are durable, and their sender is killed\n";
    }
    auto store = godwit::journal::open(directory, {.durable_anywhere = true}).value();
    std::cout << "its journal was " << (store.recovered().clean ? "closed" : "not closed") << '\n';
    godwit::context context;
    godwit::pull in{context, godwit::ack_retry{}};
    in.bind(url).value();
    godwit::push orders{context, godwit::ack_retry{}, store.stream("orders").value()};
    orders.connect(url).value();
    int came = 0;
    while (came < 1000) {
        auto order = in.recv().value();
        if (order.text() != "order " + std::to_string(came + 1)) throw std::runtime_error{"out of order"};
        order.ack();
        ++came;
    }
    std::cout << came << " orders arrived, in order\n";
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc == 4) {
        sell(argv[2], argv[3]);
        return 0;
    }
    const std::string url = between_processes("inproc://");
    // Which may be in memory: hence durable_anywhere, which nothing that has to outlive the power should say.
    const auto directory = std::filesystem::temp_directory_path() / ("durable_outbox." + std::to_string(::getpid()));
    run(url, directory);
    std::filesystem::remove_all(directory);
    std::filesystem::remove(directory.string() + ".written");
} catch (const std::exception& problem) {
    std::cerr << "durable_outbox: " << problem.what() << '\n';
    return 1;
}
