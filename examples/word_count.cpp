// Counts the words of a text, exactly once, in a process that is killed again and again: a processor, whose state are the counts and whose
// results are the counts as they rise. The sum at the end is that of an honest count.
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "beside.hpp"
#include "godwit/dedup.hpp"
#include "godwit/godwit.hpp"
#include "godwit/processor.hpp"
#include "process.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int kills = 3, rounds = 25;
constexpr godwit::ack_retry quick{
    .attempts_max = 100, .backoff_min = 1ms, .backoff_max = 20ms, .heartbeat = 50ms, .lease = 500ms};

// On the flight of the bar-tailed godwit.
constexpr std::string_view text =
    "the bar tailed godwit flies from alaska to new zealand without a stop and without a drink and "
    "what it needs for the flight it takes along and when the wind turns it turns with the wind";

// Until it is killed.
void count(const std::string& words_url, const std::string& counts_url, const std::string& directory) {
    auto store = godwit::journal::open(directory + "/count.journal", {.durable_anywhere = true}).value();
    godwit::context context;
    godwit::processor counter{context, store, {.link = quick}};
    counter.from(words_url).value();
    counter.to(counts_url).value();
    const auto count_word = [&](godwit::transaction& t, const godwit::delivery& word) {
        const int seen = std::stoi(t.get(word.text()).value_or("0")) + 1;
        t.put(word.text(), std::to_string(seen)).value();
        t.send(counter.output(), std::string{word.text()} + ' ' + std::to_string(seen)).value();
    };
    counter.run(count_word).value();
}

void run(const std::string& wanted, const std::filesystem::path& directory) {
    godwit::context context;
    const godwit::dedup seen;
    godwit::push words{context, quick};
    godwit::pull counts{context, quick, seen};
    const std::string words_url = words.bind(wanted).value(),
                      counts_url = counts.bind(beside(wanted, "counts")).value();
    std::map<std::string, int> honest, risen;
    std::size_t sent = 0, heard = 0, wrong = 0;
    for (int round = 0; round < rounds; ++round) {
        std::istringstream line{std::string{text}};
        for (std::string word; line >> word; ++sent) {
            words.send(word).value();
            ++honest[word];
        }
    }
    const auto hear = [&](std::size_t until) {
        for (; heard < until; ++heard) {
            auto one = counts.recv(60s).value();
            std::istringstream said{std::string{one.text()}};
            std::string word;
            int number = 0;
            said >> word >> number;
            wrong += number == ++risen[word] ? 0 : 1;
            one.ack();
        }
    };
    for (int life = 1; life <= kills + 1; ++life) {
        process counting{words_url, counts_url, directory};
        hear(life > kills ? sent : sent * static_cast<std::size_t>(life) / (kills + 1));
        if (life > kills) {
            words.flush(godwit::stage::processed, 60s).value();
            counts.close().value();  // its acks are told while there is somebody to hear them
        }
        counting.end(SIGKILL);
    }
    std::cout << "the counter was killed " << kills << " times\n";
    std::cout << heard << " words are counted, " << wrong << " of them wrong\n";
    auto store = godwit::journal::open(directory / "count.journal", {.durable_anywhere = true}).value();
    std::map<std::string, int> kept;
    godwit::transactions::open(store.stream("processor").value())
        .value()
        .view()
        .for_each([&](std::string_view word, std::string_view number) {
            kept.emplace(word, std::stoi(std::string{number}));
            return true;
        });
    std::cout << (kept == honest ? "its state is that of an honest count: " : "its state is wrong: ");
    std::cout << "godwit " << kept["godwit"] << ", wind " << kept["wind"] << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc == 4) {
        count(argv[1], argv[2], argv[3]);
        return 0;
    }
    const std::string url = between_processes(argc > 1 ? argv[1] : "inproc://");
    // Which may be in memory: hence durable_anywhere, which nothing that has to outlive the power should say.
    const auto directory = std::filesystem::temp_directory_path() / ("word_count." + std::to_string(::getpid()));
    std::filesystem::create_directory(directory);
    run(url, directory);
    std::filesystem::remove_all(directory);
} catch (const std::exception& problem) {
    std::cerr << "word_count: " << problem.what() << '\n';
    return 1;
}
