#include "core/link_names.hpp"

#include <algorithm>

namespace godwit::detail {

peer_number link_names::number_of(carrier& by, std::string_view name) {
    numbers& of = by_name_[&by];
    if (const auto found = of.find(name); found != of.end()) return found->second;
    const peer_number number = last_ + 1;
    const public_key key = by.who(name).key;
    by_number_.emplace(number, known{&by, std::string{name}, {}, key == public_key{} ? std::string{} : key.text()});
    try {
        of.emplace(name, number);
    } catch (...) {
        by_number_.erase(number);
        throw;
    }
    return last_ = number;
}

std::optional<peer_number> link_names::find(const carrier& by, std::string_view name) const {
    const auto of = by_name_.find(&by);
    if (of == by_name_.end()) return std::nullopt;
    const auto found = of->second.find(name);
    return found == of->second.end() ? std::nullopt : std::optional{found->second};
}

const link_names::known* link_names::who(peer_number which) const {
    const auto found = by_number_.find(which);
    return found == by_number_.end() ? nullptr : &found->second;
}

void link_names::forget(peer_number which) {
    const auto found = by_number_.find(which);
    if (found == by_number_.end()) return;
    by_name_[found->second.by].erase(found->second.name);
    by_number_.erase(found);
}

peer_number link_names::dialled(carrier& by, std::string_view name, std::string_view url) {
    std::string copy{url};
    const peer_number number = number_of(by, name);
    by_number_.find(number)->second.url = std::move(copy);
    return number;
}

std::optional<peer_number> link_names::dialled_at(std::string_view url) const {
    const auto found =
        std::find_if(by_number_.begin(), by_number_.end(), [&](const auto& one) { return one.second.url == url; });
    return found == by_number_.end() ? std::nullopt : std::optional{found->first};
}

}  // namespace godwit::detail
