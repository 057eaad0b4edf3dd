// socket_names: what the open sockets of one context are called, in reports and logs: as wished, made unique.
// Not thread-safe.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace godwit::detail {

class socket_names {
public:
    // `wished`, with -2, -3, … behind it while another has that; without a wish the pattern and its next number, which
    // is given once only.
    std::string take(std::string_view wished, std::string_view pattern) {
        if (!wished.empty()) return unique(wished);
        std::string made;
        do {
            made = std::string{pattern} + '-' + std::to_string(++numbers_[std::string{pattern}]);
        } while (!taken_.insert(made).second);
        return made;
    }
    void give_back(const std::string& name) { taken_.erase(name); }

private:
    std::string unique(std::string_view wished) {
        std::string tried{wished};
        for (std::uint64_t number = 2; !taken_.insert(tried).second; ++number) {
            tried = std::string{wished} + '-' + std::to_string(number);
        }
        return tried;
    }

    std::set<std::string, std::less<>> taken_;
    std::map<std::string, std::uint64_t> numbers_;
};

}  // namespace godwit::detail
