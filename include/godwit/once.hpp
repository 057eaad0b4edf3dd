// once: a handler that is run once for each id that the user has chosen, whatever is sent again, by whom and as what:
//     in.consume(godwit::once(ids, [](const godwit::delivery& order) { bill(order); }));        // pull, sub
//     godwit::reply_once(ids, asked, [](const godwit::request& order) { return bill(order); });   // rep
// An id is marked after its handler has returned, and the ack, or the reply, leaves then. What a crash interrupts is begun
// again, unless the handler's effect and the mark are one transaction: sqlite_store. Together with `dedup` on the same
// socket each finds its own kind of copy. A request that says `idempotent` is sent again by its req, also after a crash of the
// rep: with ids it is executed once all the same. An id is no secret: who knows one, and its content, gets its reply.
// Threads: as the store and the handler.
#pragma once
#include <chrono>
#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include "godwit/dedup_store.hpp"
#include "godwit/delivery.hpp"

namespace godwit {

struct once_options {
    // The id of a message. Empty: the header `message_id`, and for a message without one its stream and offset, which knows
    // what was sent again, but not what was sent anew. `content` is compared if it is given.
    std::function<chosen_id(const delivery&)> id = {};
    // What is in hand somewhere is nacked, and comes again after this, and not before the back-off; so it costs an attempt.
    std::chrono::milliseconds again_after{100};
};

// As once_options::id says when it is empty, with the body as content. Of a message without either, from a plain socket, the
// id is empty, and what is below fails with `invalid_argument`.
GODWIT_EXPORT chosen_id id_of(const delivery& what);

// Runs the handler if the id is fresh, and settles the delivery: acked if it is done, now or before; nacked if it is in hand
// elsewhere; rejected if it is `too_old` or in `conflict`. A handler that throws, or has settled the delivery itself, leaves
// it unmarked, and what it throws passes. Returns what was found. Fails as the store does: unsettled then, and if it is
// mark() that has failed, the effect is there and the handler will be run again.
GODWIT_EXPORT result<claimed> handle_once(dedup_store& store, delivery& what,
                                          const std::function<void(delivery&)>& handler,
                                          const once_options& options = {});

// For consume(): what handle_once fails with is thrown, so that it is a nack. With a store that has failed for good each
// message fails, until its attempts run out: who would rather stop calls handle_once. Borrows the store.
GODWIT_EXPORT std::function<void(delivery&)> once(dedup_store& store, std::function<void(delivery&)> handler,
                                                  once_options options = {});

// A retry whose first has been answered, and the answer is not kept any more, is rejected with these words.
inline constexpr std::string_view reply_gone = "done before, and its reply is gone";

namespace detail {
// `handler` returns the reply; `reply` sends it.
GODWIT_EXPORT result<claimed> answer_once(dedup_store& store, delivery& asked,
                                          const std::function<std::string()>& handler,
                                          const std::function<status(std::string_view)>& reply,
                                          const once_options& options);
}  // namespace detail

// The same for a rep's request: a retry gets the reply of the first. Fails also as request::reply does: it is marked then,
// and who asks again gets the reply.
template <std::derived_from<delivery> R>
result<claimed> reply_once(dedup_store& store, R& asked,
                           const std::type_identity_t<std::function<std::string(const R&)>>& handler,
                           const once_options& options = {}) {
    return detail::answer_once(
        store, asked, [&] { return handler(asked); }, [&](std::string_view text) { return asked.reply(text); },
        options);
}

}  // namespace godwit
