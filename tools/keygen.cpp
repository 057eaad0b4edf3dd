// godwit keygen: makes a key and writes it into two files.
#include <iostream>

#include "godwit/key.hpp"
#include "verbs.hpp"

namespace tool {

void keygen(const options& options, interruption&) {
    const godwit::key_pair made = godwit::key_pair::generate().value();
    made.save(options.file).value();
    std::cout << made.public_part().text() << std::endl;
}

}  // namespace tool
