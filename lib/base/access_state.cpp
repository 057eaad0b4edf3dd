#include "base/access_state.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

namespace godwit {

namespace detail {

namespace {

// A blank and a number, taken off the front.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
    if (!text.starts_with(' ')) return false;
    const auto read = std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (read.ec != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return true;
}

}  // namespace

std::size_t rights_hash::operator()(const std::shared_ptr<const rights>& may) const noexcept {
    std::size_t hash = may->pull ? 1 : 0;
    const auto mix = [&hash](std::size_t more) { hash = hash * 31 + more; };
    mix(may->rep ? 1 : 0);
    for (const auto* topics : {&may->push, &may->pub, &may->req, &may->sub}) {
        mix(topics->size());
        for (const std::string& topic : *topics) mix(std::hash<std::string>{}(topic));
    }
    return hash;
}

std::string admission::text() const { return key.text() + ' ' + std::to_string(judged) + ' ' + std::to_string(serial); }

bool admission::parse(std::string_view text, admission& parsed) {
    const std::string_view key_text = text.substr(0, public_key::text_size);
    parsed.key = {};
    if (key_text != parsed.key.text()) {  // without encryption it is nobody's
        const auto key = public_key::parse(key_text);
        if (!key) return false;
        parsed.key = *key;
    }
    text.remove_prefix(public_key::text_size);
    return take_number(text, parsed.judged) && take_number(text, parsed.serial) && text.empty();
}

}  // namespace detail

access_list::state::decision access_list::state::decide(const public_key& key) const {
    const std::lock_guard hold{lock_};
    if (revoked_.contains(key)) return {verdict::refused, {}, {}, "its key was revoked"};
    if (const auto found = listed_.find(key); found != listed_.end()) {
        return {verdict::allowed, found->second, {}, {}};
    }
    if (judge_) return {verdict::ask, {}, judge_, {}};
    if (anyone_) return {verdict::allowed, anyone_, {}, {}};
    return {verdict::refused, {}, {}, "its key is not listed"};
}

access_list::state::shared_rights access_list::state::rights_of(const detail::admission& who) const {
    const std::lock_guard hold{lock_};
    if (revoked_.contains(who.key)) return nullptr;
    if (const auto found = listed_.find(who.key); found != listed_.end()) return found->second;
    if (who.judged > 0) return who.judged <= judged_.size() ? judged_[who.judged - 1] : nullptr;
    return anyone_;
}

std::uint32_t access_list::state::number_of(const rights& may) {
    const std::lock_guard hold{lock_};
    auto wanted = std::make_shared<const rights>(may);
    if (const auto found = numbers_.find(wanted); found != numbers_.end()) return found->second;
    if (judged_.size() >= detail::judged_rights_max) return 0;
    judged_.push_back(wanted);
    const auto number = static_cast<std::uint32_t>(judged_.size());
    numbers_.emplace(std::move(wanted), number);
    return number;
}

access_list::state::listeners access_list::state::changed() {
    generation_.fetch_add(1, std::memory_order_release);
    listeners alive;
    std::erase_if(listeners_, [&](const auto& one) {
        auto listener = one.lock();
        if (!listener) return true;
        alive.push_back(std::move(listener));
        return false;
    });
    return alive;
}

status access_list::state::allow(const public_key& key, const rights& may) {
    if (key == public_key{}) return error{errc::malformed, "a public key", "all zero is nobody's key"};
    if (auto fine = detail::check_rights(may); !fine) return fine;
    listeners told;
    {
        const std::lock_guard hold{lock_};
        const auto found = listed_.find(key);
        if (found == listed_.end() && listed_.size() >= keys_max) {
            return error{errc::too_large, std::to_string(keys_max) + " keys", "revoke some, or ask a judge"};
        }
        if (found != listed_.end() && *found->second == may) return {};
        const bool may_be_here = found != listed_.end() || ((judge_ || anyone_) && !revoked_.contains(key));
        listed_.insert_or_assign(key, std::make_shared<const rights>(may));
        revoked_.erase(key);
        auto all = changed();
        if (may_be_here) told = std::move(all);
    }
    for (const auto& one : told) one->ended({&key, 1});
    return {};
}

void access_list::state::revoke(const public_key& key) {
    listeners told;
    {
        const std::lock_guard hold{lock_};
        listed_.erase(key);
        revoked_.insert(key);
        told = changed();
    }
    for (const auto& one : told) one->ended({&key, 1});
}

void access_list::state::replace(listing&& listed) {
    listeners told;
    std::vector<public_key> ended;
    {
        const std::lock_guard hold{lock_};
        for (const auto& [key, may] : listed_) {
            const auto found = listed.find(key);
            if (found == listed.end()) revoked_.insert(key);
            if (found == listed.end() || *found->second != *may) ended.push_back(key);
        }
        for (const auto& [key, may] : listed) {
            const bool may_be_here = (judge_ || anyone_) && !revoked_.contains(key);
            if (may_be_here && !listed_.contains(key)) ended.push_back(key);
            revoked_.erase(key);
        }
        listed_ = std::move(listed);
        told = changed();
    }
    if (ended.empty()) return;
    for (const auto& one : told) one->ended(ended);
}

void access_list::state::ask(judge whom) {
    const std::lock_guard hold{lock_};
    judge_ = std::move(whom);
}

void access_list::state::admit_all() {
    const std::lock_guard hold{lock_};
    anyone_ = std::make_shared<const rights>();
}

std::vector<public_key> access_list::state::keys() const {
    const std::lock_guard hold{lock_};
    std::vector<public_key> keys;
    keys.reserve(listed_.size());
    for (const auto& [key, may] : listed_) keys.push_back(key);
    std::ranges::sort(keys);
    return keys;
}

void access_list::state::tell(std::weak_ptr<detail::access_listener> listener) {
    const std::lock_guard hold{lock_};
    std::erase_if(listeners_, [](const auto& one) { return one.expired(); });
    listeners_.push_back(std::move(listener));
}

}  // namespace godwit
