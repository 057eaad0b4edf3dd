#include "ack_retry/sub_publishers.hpp"

#include <algorithm>
#include <utility>

namespace godwit::detail {

namespace {

void end_session(sub_publisher& one) noexcept {
    one.link = 0;
    one.frames = 0;
    // What was settled and not told needs no telling any more.
    one.old_messages += std::exchange(one.messages, 0) - std::exchange(one.ack_messages, 0);
    one.old_bytes += std::exchange(one.size_bytes, 0) - std::exchange(one.ack_bytes, 0);
    one.acks.clear();
    one.changes.clear();
    one.must_tell = one.is_open = false;
}

}  // namespace

sub_publisher& sub_publishers::joined(link_number link, stream_id stream) {
    sub_publisher& one = all_[stream];
    one.stream = stream;
    if (one.link != 0) {
        links_.erase(one.link);
        end_session(one);
    }
    links_[link] = stream;
    one.link = link;
    one.must_tell = true;
    return one;
}

void sub_publishers::left(link_number link, bool remembered) {
    const auto found = links_.find(link);
    if (found == links_.end()) return;
    const auto at = all_.find(found->second);
    links_.erase(found);
    if (!remembered) {
        all_.erase(at);
        return;
    }
    end_session(at->second);
    at->second.left_at = ++leavings_;
    if (all_.size() - links_.size() > remembered_max) forget_oldest();
}

void sub_publishers::forget_oldest() {
    auto oldest = all_.end();
    for (auto at = all_.begin(); at != all_.end(); ++at) {
        if (at->second.link != 0) continue;
        if (oldest == all_.end() || at->second.left_at < oldest->second.left_at) oldest = at;
    }
    if (oldest != all_.end()) all_.erase(oldest);
}

sub_publisher* sub_publishers::by_link(link_number link) noexcept {
    const auto found = links_.find(link);
    return found != links_.end() ? by_stream(found->second) : nullptr;
}

sub_publisher* sub_publishers::by_stream(stream_id stream) noexcept {
    const auto found = all_.find(stream);
    return found != all_.end() ? &found->second : nullptr;
}

void sub_publishers::settled(sub_publisher& of, link_number link, offset_range what, std::uint64_t messages,
                             std::uint64_t size_bytes) {
    if (of.link == 0 || of.link != link) {
        of.old_messages -= std::min(messages, of.old_messages);
        of.old_bytes -= std::min(size_bytes, of.old_bytes);
        of.must_tell = of.link != 0;
        return;
    }
    if (!of.acks.empty() && of.acks.back().what.last + 1 == what.first) {
        of.acks.back().what.last = what.last;
    } else {
        of.acks.push_back({of.stream, what, 1, ack_frame::settled::how::acked, 0, {}});
    }
    of.ack_messages += messages;
    of.ack_bytes += size_bytes;
}

void sub_publishers::told(sub_publisher& one) noexcept {
    one.messages -= std::exchange(one.ack_messages, 0);
    one.size_bytes -= std::exchange(one.ack_bytes, 0);
    one.acks.clear();
    one.must_tell = false;
}

// A change that has not been told, and its opposite, are nothing.
void sub_publishers::change(sub_publisher& one, std::string_view filter, bool add) {
    const auto [at, fresh] = one.changes.try_emplace(std::string{filter}, add);
    if (!fresh && at->second != add) one.changes.erase(at);
}

}  // namespace godwit::detail
