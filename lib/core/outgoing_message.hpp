// outgoing_message: a body with options, or a message, as the frames that carry it: docs/plain_mapping.md.
#pragma once
#include <array>
#include <vector>

#include "base/frames.hpp"
#include "godwit/options.hpp"

namespace godwit::detail {

class outgoing_message {
public:
    using frame_list = std::span<const bytes>;

    // The envelope's frames, then the fewest that say all; with `topic_always`, the topic's even when it is empty.
    outgoing_message(bytes body, const send_options& options, std::string_view topic, bool topic_always = false,
                     frame_list envelope = {}) {
        for (const bytes frame : envelope) add(frame);
        const bool named = !options.key.empty() || !options.headers.empty();
        if (topic_always || named || !topic.empty()) add(as_bytes(topic));
        add(body);
        if (named) add(as_bytes(options.key));
        for (const header& one : options.headers) {
            add(as_bytes(one.name));
            add(as_bytes(one.value));
        }
    }
    // The envelope's frames, then the message's own.
    explicit outgoing_message(const message& whole, frame_list envelope = {}) {
        for (const bytes frame : envelope) add(frame);
        for (std::size_t i = 0; i < whole.frame_count(); ++i) add(whole.frame(i));
        owner_ = const_cast<message*>(&whole);           // only read, unless may_move
        owner_first_ = envelope.size();
    }
    void may_move() noexcept { may_move_ = true; }

    outgoing frames() const noexcept {
        const frame_list all = more_.empty() ? frame_list{few_.data(), count_} : frame_list{more_};
        return {all, owner_, owner_first_, may_move_, {}};
    }

private:
    void add(bytes frame) {
        if (more_.empty() && count_ < few_.size()) {
            few_[count_++] = frame;
            return;
        }
        if (more_.empty()) more_.assign(few_.begin(), few_.end());
        more_.push_back(frame);
    }

    std::array<bytes, 8> few_;
    std::size_t count_ = 0;
    std::vector<bytes> more_;
    message* owner_ = nullptr;
    std::size_t owner_first_ = 0;
    bool may_move_ = false;
};

}  // namespace godwit::detail
