// A log by itself, without any socket: records are appended, read from any offset, released, and there after a restart.
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "godwit/journal.hpp"

namespace {

void first_run(const std::filesystem::path& directory) {
    auto store = godwit::journal::open(directory, {.durable_anywhere = true}).value();
    auto readings = store.stream("readings").value();
    for (int i = 1; i <= 5; ++i) {
        const auto at = readings.append(godwit::message{"reading " + std::to_string(i)}).value();
        std::cout << "durable at offset " << at << '\n';
    }
    readings.release({1, 2}).value();
    store.close().value();
}

void second_run(const std::filesystem::path& directory) {
    auto store = godwit::journal::open(directory, {.durable_anywhere = true}).value();
    auto readings = store.stream("readings").value();
    std::cout << "opened again, " << (store.recovered().clean ? "cleanly" : "after a crash") << ", from offset "
              << readings.first() << " to " << readings.end() - 1 << '\n';
    for (const auto& record : readings.read_many(readings.first(), 100).value())
        std::cout << record.at << ": " << record.content.text() << '\n';
}

}  // namespace

// The transport that the other examples are given means nothing here.
int main() {
    // Which may be in memory: hence durable_anywhere, which nothing that has to outlive the power should say.
    const auto directory = std::filesystem::temp_directory_path() / ("embedded_log." + std::to_string(::getpid()));
    first_run(directory);
    second_run(directory);
    std::filesystem::remove_all(directory);
}
