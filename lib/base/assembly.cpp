#include "base/assembly.hpp"

#include <algorithm>

namespace godwit {

namespace {

error twice(const std::string& first, std::string_view second) {
    return {errc::invalid_argument, first + " and " + std::string{second}, "a socket takes one of the two"};
}

}  // namespace

assembly::assembly() : parts_{std::make_unique<parts>()} {}
assembly::assembly(assembly&&) noexcept = default;
assembly& assembly::operator=(assembly&&) noexcept = default;
assembly::~assembly() = default;

void assembly::deliver_by(std::string_view name,
                          std::function<std::unique_ptr<detail::delivery_protocol>(int pattern)> make) {
    if (parts_->make_protocol) {
        if (parts_->fits) parts_->fits = twice(parts_->delivery_name, name);
        return;
    }
    parts_->delivery_name = name;
    parts_->make_protocol = std::move(make);
}

void assembly::keep_in(std::string_view name, std::shared_ptr<detail::record_log> log) {
    if (parts_->log != nullptr) {
        if (parts_->fits) parts_->fits = twice(parts_->log_name, name);
        return;
    }
    parts_->log_name = name;
    parts_->log = std::move(log);
}

void assembly::refuse(const error& why) {
    if (parts_->fits) parts_->fits = why;
}

void assembly::log_bytes_max(std::size_t limit) { parts_->memory.bytes_max = limit; }

void assembly::add(std::shared_ptr<layer> one) {
    auto& all = parts_->layers;
    const auto behind = std::upper_bound(all.begin(), all.end(), one->place(),
                                         [](layer_place place, const auto& other) { return place < other->place(); });
    all.insert(behind, std::move(one));
}

void assembly::start_at(const subscription& from) { parts_->from = from; }

void subscription::install(assembly& into) const { into.start_at(*this); }

void assembly::options(const socket_options& plain) { parts_->options = plain; }

}  // namespace godwit
