#include "c/guarded.hpp"
#include "c/messages.hpp"
#include "c/user_data.hpp"

namespace godwit::c {

namespace {

std::vector<header> headers_of(const godwit_parts& given) {
    if (given.headers == nullptr && given.headers_count != 0) throw_null("headers");
    if (given.headers_count > 64)
        throw error{errc::too_large, std::to_string(given.headers_count) + " headers", "at most 64"};
    std::vector<header> made;
    made.reserve(given.headers_count);
    for (std::size_t i = 0; i < given.headers_count; ++i)
        made.push_back({text_of(given.headers[i].name), text_of(given.headers[i].value)});
    return made;
}

std::optional<std::chrono::milliseconds> duration_of(std::int64_t milliseconds, const char* field) {
    if (milliseconds < 0) throw error{errc::invalid_argument, field, "is negative"};
    if (milliseconds == 0) return {};
    return milliseconds_of(milliseconds);
}

constexpr godwit_parts no_parts = GODWIT_PARTS_INIT;
constexpr godwit_send_options no_send_options = GODWIT_SEND_OPTIONS_INIT;

}  // namespace

send_options read_options(const godwit_send_options* how) {
    send_options made;
    if (how == nullptr) return made;
    const godwit_send_options given = read_struct(how, no_send_options);
    if (given.timeout_ns != GODWIT_DEFAULT) made.within = timeout_of(given.timeout_ns);
    made.stop = token_of(given.stop);
    if (given.priority < 0 || given.priority > send_options::priority_max)
        throw error{errc::invalid_argument, "priority " + std::to_string(given.priority), "0 to 9"};
    made.priority = static_cast<std::uint8_t>(given.priority);
    made.idempotent = given.idempotent != 0;
    made.delay = duration_of(given.delay_ms, "delay_ms");
    made.ttl = duration_of(given.ttl_ms, "ttl_ms");
    if (given.deliver_at_ns != 0) made.deliver_at = at_time(given.deliver_at_ns);
    return made;
}

outgoing_parts::outgoing_parts(const godwit_parts* given, const godwit_send_options* how) : options{read_options(how)} {
    if (given == nullptr) return;
    const godwit_parts parts = read_struct(given, no_parts);
    body = view_of(parts.body);
    options.topic = text_of(parts.topic);
    options.key = text_of(parts.key);
    options.headers = headers_of(parts);
}

message make_message(const godwit_parts* given) {
    const godwit_parts parts = read_struct(given, no_parts);
    return message::make({text_of(parts.topic), text_of(parts.key), headers_of(parts), view_of(parts.body)}).value();
}

godwit_header header_of(const message& from, std::size_t index) {
    if (index >= from.header_count())
        throw error{errc::not_found, "header " + std::to_string(index),
                    "the message has " + std::to_string(from.header_count())};
    const header found = from.header_at(index);
    return {lent(found.name), lent(found.value)};
}

}  // namespace godwit::c

using namespace godwit::c;

void godwit_parts_init(godwit_parts* out) {
    if (out != nullptr) *out = no_parts;
}
void godwit_send_options_init(godwit_send_options* out) {
    if (out != nullptr) *out = no_send_options;
}

godwit_status godwit_message_make(const godwit_parts* parts, godwit_message* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        godwit_message& into = needed(out, "out");
        into = hand_out(make_message(parts));
        return {};
    });
}

godwit_status godwit_message_take(godwit_bytes body, godwit_drop drop, void* user_data, godwit_message* out,
                                  godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        auto theirs = hold(user_data, drop);
        const godwit::bytes taken = view_of(body);
        godwit_message& into = needed(out, "out");
        into = hand_out(godwit::message::take(taken.data(), taken.size(),
                                              [theirs = std::move(theirs)]() mutable { theirs.reset(); }));
        return {};
    });
}

godwit_status godwit_message_view(godwit_message message, godwit_view* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().messages.at(message.id);
        godwit_view view = GODWIT_VIEW_INIT;
        fill_view(view, *found);
        write_struct(needed(out, "out"), view);
        return {};
    });
}

godwit_status godwit_message_header(godwit_message message, size_t index, godwit_header* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().messages.at(message.id);
        needed(out, "out") = header_of(*found, index);
        return {};
    });
}

godwit_status godwit_message_release(godwit_message message, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        tables().messages.release(message.id);
        return {};
    });
}
