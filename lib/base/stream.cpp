#include "godwit/stream.hpp"

namespace godwit {

std::string to_string(const stream_id& id) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text(32, '0');
    for (std::size_t at = 0; at < 16; ++at) {
        text[15 - at] = digits[(id.high >> (4 * at)) & 15];
        text[31 - at] = digits[(id.low >> (4 * at)) & 15];
    }
    return text;
}

}  // namespace godwit
