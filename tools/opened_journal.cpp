#include "opened_journal.hpp"

#include <iostream>

namespace tool {

godwit::journal opened_journal(const options& options) {
    auto opened = godwit::journal::open(options.journal);
    if (!opened.failed(godwit::errc::unsupported)) return std::move(opened).value();
    auto allowed = godwit::journal::open(options.journal, {.durable_anywhere = true}).value();
    std::cerr << "godwit: " << options.journal << " is on " << allowed.recovered().file_system
              << ": nothing there survives a power cut for sure" << std::endl;
    return allowed;
}

}  // namespace tool
