// A subscriber's publishers, what comes from them, and what they are asked for.
#include <algorithm>
#include <string>
#include <utility>

#include "ack_retry/sub_protocol.hpp"
#include "base/position_note.hpp"
#include "base/rights.hpp"
#include "godwit/subscription.hpp"

namespace godwit::detail {

status sub_protocol::subscribe(std::string_view filter) {
    if (const auto found = copies_.find(filter); found != copies_.end()) {
        ++found->second;
        return {};
    }
    if (auto ok = own_.add(filter); !ok) return ok;
    copies_.emplace(filter, 1);
    for (auto& [stream, one] : publishers_.all()) {
        if (one.link == 0) continue;
        sub_publishers::change(one, filter, true);
        tell(one);
    }
    return {};
}

status sub_protocol::unsubscribe(std::string_view filter) {
    const auto found = copies_.find(filter);
    if (found == copies_.end()) return error{errc::not_found, filter, "there is no such subscription"};
    if (--found->second > 0) return {};
    copies_.erase(found);
    own_.remove(filter);
    for (auto& [stream, one] : publishers_.all()) {
        if (one.link == 0) continue;
        sub_publishers::change(one, filter, false);
        tell(one);
    }
    return {};
}

status sub_protocol::opened() {
    const subscription& from = world().from;
    if (from.name.size() > position_note::name_bytes_max)
        return error{errc::invalid_argument, "name", "up to 128 bytes"};
    if (from.from == start::at && from.at > offset_max)
        return error{errc::invalid_argument, "at = " + std::to_string(from.at), "below 2^63"};
    return {};
}

// No filter goes into the greeting: which of them a publisher has heard would not be known when it answers, while they come
// and go meanwhile. They are the first frames of the session, and the window comes behind them.
void sub_protocol::greet(hello& ours) {
    ours.window_messages = 0;
    ours.window_bytes = 0;
    const subscription& from = world().from;
    ours.from = static_cast<std::uint8_t>(from.from);
    if (from.from == start::at) ours.floor = from.at;
    if (from.from == start::since) {
        const auto since = std::chrono::floor<std::chrono::milliseconds>(from.since.time_since_epoch());
        ours.floor = static_cast<offset>(std::max<std::int64_t>(0, since.count()));
    }
    ours.name = world().from.name;
    for (const auto& [stream, one] : publishers_.all())
        if (one.next && ours.next.size() < 4096) ours.next.emplace_back(stream, *one.next);
}

status sub_protocol::meet(const hello& theirs) {
    if (theirs.own != pattern::pub) return error{errc::mismatch, name(theirs.own), "a sub takes from a pub"};
    if (theirs.stream.empty()) return error{errc::malformed, "hello: stream", "a publisher has one"};
    return {};
}

void sub_protocol::joined(link_number link, const hello& theirs, link_number) {
    sub_publisher& one = publishers_.joined(link, theirs.stream);
    one.is_kept = theirs.epoch != 0;
    // Of one with a name the publisher knows better.
    const bool is_held = one.is_kept && !world().from.name.empty();
    if (!one.next && world().from.from == start::next && !is_held) one.next = theirs.floor;
    for (const auto& [filter, copies] : copies_) sub_publishers::change(one, filter, true);
    news_ = true;
    tell(one);
}

// A publisher that has said good-bye, or has started anew, will not go on with its stream, unless a journal has it.
void sub_protocol::left(link_number link, link_end why) {
    const sub_publisher* const one = publishers_.by_link(link);
    const bool may_come = why == link_end::lost || why == link_end::closed || (one != nullptr && one->is_kept);
    publishers_.left(link, may_come);
    news_ = true;
}

void sub_protocol::has_room() {
    for (auto& [stream, one] : publishers_.all()) {
        if (one.link == 0) continue;
        if (!one.changes.empty() || one.must_tell) tell(one);
    }
}

status sub_protocol::fits(const sub_publisher& from, const batch_view& batch) const {
    if (batch.stream() != from.stream)
        return error{errc::malformed, "batch: stream", "it is not the one in the greeting"};
    if (batch.codec() != batch_format::codec_none) return error{errc::unsupported, "codec", "of a publisher's batch"};
    if (from.messages >= window_messages_ || from.size_bytes >= window_bytes_)
        return error{errc::too_large, "window", "it was sent more than was granted"};
    return {};
}

void sub_protocol::breach(link_number by, const error& why) {
    ++counted_.malformed;
    world().port.report(event_kind::over_limit, 0, why.what());
    links().send(by, refuse_frame{why.code(), std::string{why.what()}.substr(0, 256)});
}

batch_ref sub_protocol::unseen(const sub_publisher& from, batch_ref&& batch) {
    if (!from.next || batch.view.first() >= *from.next) return std::move(batch);
    const offset_range fresh{*from.next, std::max(*from.next, batch.view.last())};
    batch_ref rest = batch.view.last() < *from.next ? batch_ref{} : cut(batch.view, {&fresh, 1});
    counted_.duplicates += batch.view.count() - (rest.empty() ? 0 : rest.view.count());
    return rest;
}

// Without what is under topics that the publisher has no right to.
batch_ref sub_protocol::rightful(link_number link, batch_ref&& batch) {
    const auto may = batch.empty() ? nullptr : links().rights_of(link);
    if (may == nullptr) return std::move(batch);
    std::vector<offset_range> kept;
    std::uint64_t refused = 0;
    record_view record;
    for (auto position = batch.view.begin_position(); batch.view.next(position, record);) {
        may_speak(*may, pattern::pub, record.topic) ? kept.push_back({record.at, record.at}) : void(++refused);
    }
    if (refused == 0) return std::move(batch);
    counted_.refused += refused;
    report_beyond_rights(link, refused);
    return kept.empty() ? batch_ref{} : cut(batch.view, kept);
}

batch_ref sub_protocol::wanted(batch_ref&& batch) {
    if (batch.empty()) return {};
    const std::uint32_t count = batch.view.count();
    match_.reset(std::move(batch));
    batch_ref picked = match_.pick(own_);
    counted_.strays += count - (picked.empty() ? 0 : picked.view.count());
    return picked;
}

void sub_protocol::took(link_number link, const data_frame& envelope, batch_ref&& batch) {
    sub_publisher* const from = publishers_.by_link(link);
    if (from == nullptr || draining_) return;
    if (auto ok = fits(*from, batch.view); !ok) return breach(link, ok.error());
    const offset_range sent{batch.view.first(), batch.view.last()};
    const std::uint32_t messages = batch.view.count();
    const std::uint64_t size_bytes = batch.view.data().size();
    from->frames = envelope.number;
    from->messages += messages;
    from->size_bytes += size_bytes;
    batch_ref fresh = wanted(rightful(link, unseen(*from, std::move(batch))));
    from->next = std::max(from->next.value_or(0), sent.last + 1);
    if (fresh.empty()) return settled(*from, link, sent, messages, size_bytes);
    sub_item& item = queue_.add(std::move(fresh), world().home);
    item.sent = sent;
    item.messages = messages;
    item.size_bytes = size_bytes;
    item.link = link;
}

void sub_protocol::took(link_number link, const gap_frame& gap) {
    sub_publisher* const from = publishers_.by_link(link);
    if (from == nullptr || draining_ || gap.stream != from->stream) return;
    const offset first = std::max(gap.what.first, from->next.value_or(0));
    if (first > gap.what.last) return;
    queue_.add_gap(gap.stream, {first, gap.what.last});
    from->next = gap.what.last + 1;
}

}  // namespace godwit::detail
