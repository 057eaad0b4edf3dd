// messages: between the parts of the C interface and the messages of the library.
#pragma once
#include "c/objects.hpp"
#include "c/structs.hpp"
#include "godwit/c/message.h"
#include "godwit/c/send.h"
#include "godwit/options.hpp"

namespace godwit::c {

inline godwit_message hand_out(message&& made) { return {tables().messages.add(std::move(made))}; }
inline godwit_message hand_out(std::string_view text) { return hand_out(message{text}); }

// Handles for so many messages, taken before what cannot be undone; those that are left over go back.
class message_room {
public:
    explicit message_room(std::size_t count) : slots_(count) {
        while (taken_ < count) {
            try {
                taken_ += tables().messages.reserve(std::span{slots_}.subspan(taken_));
            } catch (...) {
                give_back();
                throw;
            }
        }
    }
    message_room(const message_room&) = delete;
    message_room& operator=(const message_room&) = delete;
    ~message_room() { give_back(); }
    std::size_t size() const noexcept { return slots_.size(); }
    godwit_message hand_out(message&& made) noexcept {
        return {tables().messages.fill(slots_[used_++], std::move(made))};
    }

private:
    void give_back() noexcept { tables().messages.give_back(std::span{slots_}.subspan(used_, taken_ - used_)); }

    std::vector<std::uint32_t> slots_;
    std::size_t taken_ = 0, used_ = 0;
};

// What is sent, as the sockets take it: body and options borrow what the caller gave. Throws `invalid_argument`.
struct outgoing_parts {
    outgoing_parts(const godwit_parts* given, const godwit_send_options* how);

    bytes body;
    send_options options;
};
send_options read_options(const godwit_send_options* how);
message make_message(const godwit_parts* given);  // throws as message::make fails

template <class View>
void fill_view(View& into, const message& from) noexcept {
    into.topic = lent(from.topic());
    into.key = lent(from.key());
    into.body = lent(from.body());
    into.headers_count = from.header_count();
}
godwit_header header_of(const message& from, std::size_t index);  // throws `not_found`

}  // namespace godwit::c
