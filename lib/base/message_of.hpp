// message_of: a record as a message of its own, which pins nothing.
#pragma once
#include "base/record.hpp"
#include "godwit/message.hpp"

namespace godwit::detail {

inline result<message> message_of(const record_view& record) {
    std::vector<header> headers;
    for (std::size_t i = 0; i < record.header_count(); ++i) headers.push_back(record.header_at(i));
    return message::make({.topic = record.topic, .key = record.key, .headers = headers, .body = record.body});
}

}  // namespace godwit::detail
