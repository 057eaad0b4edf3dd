#include "core/admissions.hpp"

#include <utility>

namespace godwit::detail {

std::string admissions::enter(const std::shared_ptr<gate>& who, door at) {
    at.endpoint.reserve(512);  // so that bound_as cannot fail
    const std::lock_guard hold{lock_};
    std::string domain = "godwit." + std::to_string(++last_);
    doors_.emplace(domain, weak_entry{who, std::move(at)});
    return domain;
}

void admissions::bound_as(const std::string& domain, const std::string& endpoint) {
    const std::lock_guard hold{lock_};
    const auto found = doors_.find(domain);
    if (found != doors_.end()) found->second.at.endpoint = endpoint;
}

void admissions::forget(const std::string& domain) {
    const std::lock_guard hold{lock_};
    doors_.erase(domain);
}

void admissions::leave(std::string_view endpoint, const gate* who) {
    const std::lock_guard hold{lock_};
    std::erase_if(doors_, [&](const auto& one) {
        const auto owner = one.second.who.lock();
        return owner == nullptr || (owner.get() == who && (endpoint.empty() || one.second.at.endpoint == endpoint));
    });
}

admissions::entry admissions::find(std::string_view domain) const {
    const std::lock_guard hold{lock_};
    const auto found = doors_.find(domain);
    if (found == doors_.end()) return {};
    return {found->second.who.lock(), found->second.at};
}

void admissions::hang(std::shared_ptr<doorbell> bell) {
    const std::lock_guard hold{lock_};
    bell_ = std::move(bell);
}

void admissions::push(const answer& late) {
    std::shared_ptr<doorbell> bell;
    {
        const std::lock_guard hold{lock_};
        answers_.push_back(late);
        bell = bell_;
    }
    if (bell != nullptr) bell->ring_always();
}

std::vector<admissions::answer> admissions::take() {
    const std::lock_guard hold{lock_};
    return std::exchange(answers_, {});
}

}  // namespace godwit::detail
