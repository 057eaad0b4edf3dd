#include "message_writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "failure.hpp"
#include "text.hpp"

namespace tool {

namespace {

using json = nlohmann::ordered_json;

// `name`, or `name_base64` if the bytes are no text.
void put(json& object, const std::string& name, std::string_view bytes) {
    if (is_utf8(bytes)) {
        object[name] = bytes;
    } else {
        object[name + "_base64"] = base64(bytes);
    }
}

json headers_of(const godwit::message& message) {
    json headers = json::object();
    for (std::size_t index = 0; index < message.header_count(); ++index) {
        const godwit::header header = message.header_at(index);
        const std::string name{header.name};
        // As header_value() does, the first of several with one name counts.
        if (!headers.contains(name) && !headers.contains(name + "_base64")) put(headers, name, header.value);
    }
    return headers;
}

std::string json_line(const godwit::message& message) {
    json object;
    put(object, "topic", message.topic());
    put(object, "key", message.key());
    object["headers"] = headers_of(message);
    put(object, "body", message.text());
    // A header's name that is no text is shown with replacement characters.
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void message_writer::add(const godwit::message& message) {
    if (json_) {
        buffer_ += json_line(message);
    } else {
        buffer_ += message.text();
    }
    buffer_ += '\n';
}

void message_writer::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
        const ssize_t count = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (count >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            pollfd wait{STDOUT_FILENO, POLLOUT, 0};
            ::poll(&wait, 1, -1);
        } else if (errno == EPIPE) {
            throw failure{exit_failed, "standard output was closed: what was received since then is not printed"};
        } else if (errno != EINTR) {
            throw failure{exit_failed, std::string{"standard output cannot be written: "} + std::strerror(errno)};
        }
    }
    buffer_.clear();
}

}  // namespace tool
