// parts: the classes of the extension module.
#pragma once
#include "binding.hpp"

namespace binding {

struct context_ref {
    context_ref(std::int32_t io_threads, std::size_t sockets_max);
    context_ref(const context_ref&) = delete;
    context_ref& operator=(const context_ref&) = delete;
    ~context_ref();
    void close(std::optional<double> timeout);
    std::string report(bool prometheus);
    godwit_context it{};
};

// A message that came, and the right to settle it. Its memory is lent to memoryviews, which keep it.
class delivery_ref {
public:
    explicit delivery_ref(godwit_delivery taken) : it{taken} {
        view.struct_size = sizeof view;
        must([&](godwit_error* error) { return godwit_delivery_get(it, &view, error); });
    }
    delivery_ref(godwit_delivery taken, const godwit_delivery_view& seen) noexcept : it{taken}, view{seen} {}
    delivery_ref(delivery_ref&& other) noexcept : it{other.it}, view{other.view} { other.it.id = 0; }
    delivery_ref& operator=(delivery_ref&&) = delete;
    ~delivery_ref() {
        if (it.id != 0) godwit_delivery_release(it, nullptr);
    }

    godwit_delivery it;
    godwit_delivery_view view = GODWIT_DELIVERY_VIEW_INIT;
};

// A message alone: replies, dead letters, records.
class message_ref {
public:
    explicit message_ref(godwit_message taken) : it{taken} {
        must([&](godwit_error* error) { return godwit_message_view(it, &view, error); });
    }
    message_ref(message_ref&& other) noexcept : it{other.it}, view{other.view} { other.it.id = 0; }
    message_ref& operator=(message_ref&&) = delete;
    ~message_ref() {
        if (it.id != 0) godwit_message_release(it, nullptr);
    }

    godwit_message it;
    godwit_view view = GODWIT_VIEW_INIT;
};

struct stream_ref {
    explicit stream_ref(godwit_stream opened) noexcept : it{opened} {}
    stream_ref(stream_ref&& other) noexcept : it{other.it} { other.it.id = 0; }
    stream_ref& operator=(stream_ref&&) = delete;
    ~stream_ref() {
        if (it.id != 0) godwit_stream_release(it, nullptr);
    }
    godwit_stream it;
};

}  // namespace binding
