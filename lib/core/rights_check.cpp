#include "core/rights_check.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t refusers_max = 1000;  // keys of which is remembered how often they were refused

// A rep's message begins with an envelope, which ends with the first empty frame.
std::string_view topic_of(const message& whole, pattern own) {
    const std::size_t count = whole.frame_count();
    std::size_t first = 0;
    if (own == pattern::rep) {
        while (first < count && !whole.frame(first).empty()) ++first;
        ++first;
    }
    return first + 1 < count ? as_text(whole.frame(first)) : std::string_view{};
}

}  // namespace

void rights_check::look_up(std::string_view user_id, int link) {
    const std::uint64_t now = gate_->list()->generation();
    if (user_id == last_ && now == generation_) [[likely]]
        return;
    may_ = admission::parse(user_id, who_) ? gate_->list()->rights_of(who_) : nullptr;
    gate_->links().belongs(link, who_);
    last_ = user_id;
    generation_ = now;
}

bool rights_check::may_send(std::string_view user_id, int link, const message& whole) {
    // Without a name it comes from whom we dialled. Should libzmq ever leave out the name of one who came to us, it is refused.
    if (user_id.empty() && !gate_->links().is_accepted(link)) return true;
    look_up(user_id, link);
    const std::string_view topic = topic_of(whole, gate_->own());
    if (may_ != nullptr && may_speak(*may_, gate_->theirs(), topic)) [[likely]]
        return true;
    // What our push and req hear has no topics: pull and rep may come, or not.
    const bool no_topics = topics_of(rights{}, gate_->theirs()) == nullptr;
    if (may_ != nullptr && no_topics && may_come(*may_, gate_->theirs())) return true;
    report(event_kind::message_refused, link, topic);
    return false;
}

rights_check::subscription rights_check::may_subscribe(std::string_view user_id, int link, std::string_view prefix) {
    look_up(user_id, link);
    if (!gate_->links().belongs(link, who_)) return subscription::gone;
    if (may_ != nullptr && may_speak(*may_, pattern::sub, prefix)) return subscription::taken;
    report(event_kind::subscription_refused, link, prefix);
    return subscription::refused;
}

bool rights_check::is_here(std::string_view user_id, int link) {
    look_up(user_id, link);
    return gate_->links().belongs(link, who_);
}

void rights_check::report(event_kind kind, int link, std::string_view what) {
    if (refused_.size() >= refusers_max && !refused_.contains(who_.key)) refused_.clear();
    refusals& own = refused_[who_.key];
    seldom& row = kind == event_kind::message_refused ? own.messages : own.subscriptions;
    const bool revoked = may_ == nullptr;
    if (!row.happens()) {
        gate_->peers().count(kind);
        if (revoked) gate_->end_one(link, who_);
        return;
    }
    std::string words = "key " + who_.key.text() + ": ";
    words += revoked ? "it was revoked" : "it has no right to ";
    if (!revoked) words.append(what.empty() ? "the empty topic" : "topic ").append(what.substr(0, 256));
    words += " (" + std::to_string(row.times()) + " so far)";
    gate_->peers().report(kind, gate_->links().endpoint_of(link), words);
    if (revoked) gate_->end_one(link, who_);
}

}  // namespace godwit::detail
