// parts: the classes of the extension module.
#pragma once
#include <utility>

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

// A handle that is given back with its owner.
template <class Handle, godwit_status (*Release)(Handle, godwit_error*)>
struct owned {
    explicit owned(Handle taken) noexcept : it{taken} {}
    owned(owned&& other) noexcept : it{std::exchange(other.it, Handle{})} {}
    owned& operator=(owned&&) = delete;
    ~owned() {
        if (it.id != 0) Release(it, nullptr);
    }
    Handle it;
};

// A message that came, and the right to settle it. Its memory is lent to memoryviews, which keep it.
struct delivery_ref : owned<godwit_delivery, godwit_delivery_release> {
    explicit delivery_ref(godwit_delivery taken) : owned{taken} {
        must([&](godwit_error* error) { return godwit_delivery_get(it, &view, error); });
    }
    delivery_ref(godwit_delivery taken, const godwit_delivery_view& seen) noexcept : owned{taken}, view{seen} {}

    godwit_delivery_view view = GODWIT_DELIVERY_VIEW_INIT;
};

// A message alone: replies, dead letters, records.
struct message_ref : owned<godwit_message, godwit_message_release> {
    explicit message_ref(godwit_message taken) : owned{taken} {
        must([&](godwit_error* error) { return godwit_message_view(it, &view, error); });
    }

    godwit_view view = GODWIT_VIEW_INIT;
};

using stream_ref = owned<godwit_stream, godwit_stream_release>;

}  // namespace binding
