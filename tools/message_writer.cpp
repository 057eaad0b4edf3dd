#include "message_writer.hpp"

#include <string_view>

#include "json_line.hpp"
#include "output.hpp"
#include "point_in_time.hpp"
#include "text.hpp"

namespace tool {

namespace {

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

json object_of(const godwit::message& message) {
    json object;
    put(object, "topic", message.topic());
    put(object, "key", message.key());
    object["headers"] = headers_of(message);
    put(object, "body", message.text());
    return object;
}

}  // namespace

void message_writer::add(const godwit::message& message) {
    if (json_) {
        buffer_ += line_of(object_of(message));
    } else {
        add_text(message.text());
    }
}

void message_writer::add(const godwit::delivery& delivery) {
    if (!json_ || delivery.stream().empty()) return add(delivery.message());
    json object;
    object["offset"] = delivery.at();
    object.update(object_of(delivery.message()));
    object["attempt"] = delivery.attempt();
    object["producer"] = to_string(delivery.stream());
    buffer_ += line_of(object);
}

void message_writer::add(const godwit::stored_record& record, const std::string& stream) {
    if (!json_) return add_text(record.content.text());
    json object;
    put(object, "stream", stream);
    object["offset"] = record.at;
    object["time"] = format_time(record.appended);
    object.update(object_of(record.content));
    object["producer"] = to_string(record.stream);
    if (record.released) object["released"] = true;
    buffer_ += line_of(object);
}

void message_writer::add(const godwit::dead_letter& letter, const std::string& stream) {
    if (!json_) {
        return add_text(std::to_string(letter.at) + '\t' + std::string{name(letter.why)} + '\t' +
                        std::to_string(letter.attempts) + '\t' + escaped(letter.detail) + '\t' +
                        escaped(letter.content.text()));
    }
    json object;
    put(object, "stream", stream);
    object["offset"] = letter.at;
    object["reason"] = name(letter.why);
    object["attempts"] = letter.attempts;
    put(object, "words", letter.detail);
    object["time"] = format_time(std::chrono::floor<std::chrono::milliseconds>(letter.when));
    object.update(object_of(letter.content));
    object["producer"] = to_string(letter.stream);
    buffer_ += line_of(object);
}

void message_writer::add_text(std::string_view body) {
    buffer_ += body;
    buffer_ += '\n';
}

void message_writer::flush() {
    write_out(buffer_);
    buffer_.clear();
}

}  // namespace tool
