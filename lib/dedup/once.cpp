#include "godwit/once.hpp"

#include <utility>

namespace godwit {

chosen_id id_of(const delivery& what) {
    if (const auto named = what.header_value("message_id"); !named.empty())
        return {std::string{named}, what.body(), std::nullopt};
    if (what.stream().empty()) return {};
    return {to_string(what.stream()) + "/" + std::to_string(what.at()), what.body(), std::nullopt};
}

namespace {

// Claimed by what it says of itself; `id` is what that is.
result<claim_answer> claim(dedup_store& store, const delivery& what, const once_options& options, chosen_id& id) {
    id = options.id ? options.id(what) : id_of(what);
    if (!id.id.empty()) return store.claim(id);
    return error{errc::invalid_argument, "message_id",
                 "the message has none, and from a plain socket it has no other id"};
}

// Of what is not fresh.
void settle_repeat(delivery& what, const chosen_id& id, claimed found, const once_options& options) {
    if (found == claimed::done) return what.ack();
    if (found == claimed::in_hand) return what.nack(options.again_after);
    const std::string_view why = found == claimed::conflict ? "conflict: this id had another content before"
                                                            : "too_old: its id may be forgotten";
    what.reject(std::string{why} + ": " + id.id);
}

// Gives an id back, unless it was marked.
class claim_in_hand {
public:
    claim_in_hand(dedup_store& store, std::string_view id) noexcept : store_{&store}, id_{id} {}
    claim_in_hand(const claim_in_hand&) = delete;
    claim_in_hand& operator=(const claim_in_hand&) = delete;
    ~claim_in_hand() {
        try {
            if (store_ != nullptr) (void)store_->release(id_);
        } catch (...) {  // what fails here ends with the claim's own limit
        }
    }
    status mark(std::optional<std::string_view> reply = {}) {
        auto marked = store_->mark(id_, reply);
        if (marked) store_ = nullptr;
        return marked;
    }

private:
    dedup_store* store_;
    const std::string_view id_;
};

}  // namespace

result<claimed> handle_once(dedup_store& store, delivery& what, const std::function<void(delivery&)>& handler,
                            const once_options& options) {
    chosen_id id;
    const auto found = claim(store, what, options, id);
    if (!found) return found.error();
    if (found->what != claimed::fresh) return settle_repeat(what, id, found->what, options), found->what;
    claim_in_hand mine{store, id.id};
    const bool was_settled = what.settled();  // a plain socket's are
    handler(what);
    if (!was_settled && what.settled()) return claimed::fresh;
    if (auto marked = mine.mark(); !marked) return marked.error();
    what.ack();
    return claimed::fresh;
}

result<claimed> detail::answer_once(dedup_store& store, delivery& asked, const std::function<std::string()>& handler,
                                    const std::function<status(std::string_view)>& reply, const once_options& options) {
    chosen_id id;
    const auto found = claim(store, asked, options, id);
    if (!found) return found.error();
    if (found->what == claimed::done && !found->reply) return asked.reject(reply_gone), claimed::done;
    if (found->what != claimed::fresh && found->what != claimed::done)
        return settle_repeat(asked, id, found->what, options), found->what;
    std::string text;
    if (found->what == claimed::fresh) {
        claim_in_hand mine{store, id.id};
        text = handler();
        if (auto marked = mine.mark(text); !marked) return marked.error();
    }
    if (auto sent = reply(found->what == claimed::done ? *found->reply : text); !sent) return sent.error();
    return found->what;
}

std::function<void(delivery&)> once(dedup_store& store, std::function<void(delivery&)> handler, once_options options) {
    return [&store, handler = std::move(handler), options = std::move(options)](delivery& what) {
        handle_once(store, what, handler, options).value();
    };
}

}  // namespace godwit
