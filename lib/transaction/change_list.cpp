#include "transaction/change_list.hpp"

#include <algorithm>
#include <iterator>

#include "transaction/change_format.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t beside_an_item = 16;

}  // namespace

std::string& change_list::body_for(std::size_t bytes) {
    if (bodies_.empty() || bodies_.back().size() + bytes > change_format::body_bytes) bodies_.emplace_back();
    bytes_ += bytes + beside_an_item;
    return bodies_.back();
}

void change_list::put(std::string_view key, std::string_view value) {
    put_put(body_for(key.size() + value.size()), key, value);
    map_.put(key, value);
}

void change_list::erase(std::string_view key) {
    if (!map_.erase(key)) return;
    put_erased(body_for(key.size()), key);
}

void change_list::send(const std::shared_ptr<output_log>& to, const message& what, std::uint64_t bytes) {
    auto found = std::ranges::find(outputs_, to, &sent::to);
    if (found == outputs_.end()) found = outputs_.insert(found, {to, {}});
    found->what.push_back(what);
    bytes_ += bytes;
}

change_list::place change_list::here() const {
    place now{map_, bodies_.size(), bodies_.empty() ? 0 : bodies_.back().size(), {}, bytes_};
    for (const sent& one : outputs_) now.outputs.push_back(one.what.size());
    return now;
}

std::vector<message> change_list::back_to(const place& before) {
    std::vector<message> undone;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        auto& what = outputs_[i].what;
        const std::size_t left = i < before.outputs.size() ? before.outputs[i] : 0;
        const auto first = what.begin() + static_cast<std::ptrdiff_t>(left);
        undone.insert(undone.end(), std::make_move_iterator(first), std::make_move_iterator(what.end()));
        what.resize(left);
    }
    map_ = before.map;
    bodies_.resize(before.bodies);
    if (!bodies_.empty()) bodies_.back().resize(before.last_bytes);
    bytes_ = before.bytes;
    return undone;
}

}  // namespace godwit::detail
