// outgoing_message: a body with options, or a message, as the frames that carry it: docs/plain_mapping.md.
#pragma once
#include "base/frames.hpp"
#include "base/short_list.hpp"
#include "godwit/options.hpp"

namespace godwit::detail {

class outgoing_message {
public:
    using frame_list = std::span<const bytes>;

    // The envelope's frames, then the fewest that say all; with `topic_always`, the topic's even when it is empty.
    outgoing_message(bytes body, const send_options& options, std::string_view topic, bool topic_always = false,
                     frame_list envelope = {}) {
        for (const bytes frame : envelope) frames_.push_back(frame);
        const bool named = !options.key.empty() || !options.headers.empty();
        if (topic_always || named || !topic.empty()) frames_.push_back(as_bytes(topic));
        frames_.push_back(body);
        if (named) frames_.push_back(as_bytes(options.key));
        for (const header& one : options.headers) {
            frames_.push_back(as_bytes(one.name));
            frames_.push_back(as_bytes(one.value));
        }
    }
    // The envelope's frames, then the message's own.
    explicit outgoing_message(const message& whole, frame_list envelope = {}) {
        for (const bytes frame : envelope) frames_.push_back(frame);
        for (std::size_t i = 0; i < whole.frame_count(); ++i) frames_.push_back(whole.frame(i));
        owner_ = const_cast<message*>(&whole);  // only read, unless may_move
        owner_first_ = envelope.size();
    }
    void may_move() noexcept { may_move_ = true; }

    outgoing frames() const noexcept { return {frames_.view(), owner_, owner_first_, may_move_, {}}; }

private:
    short_list<bytes, 8> frames_;
    message* owner_ = nullptr;
    std::size_t owner_first_ = 0;
    bool may_move_ = false;
};

}  // namespace godwit::detail
