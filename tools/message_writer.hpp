// message_writer: prints messages on standard output: the body and a newline, or a JSON object a line.
#pragma once
#include <string>
#include <string_view>

#include "godwit/delivery.hpp"
#include "godwit/journal_reader.hpp"
#include "godwit/message.hpp"

namespace tool {

class message_writer {
public:
    explicit message_writer(bool json) : json_{json} {}

    void add(const godwit::message& message);    // buffered: flush() before waiting for the next
    void add(const godwit::delivery& delivery);  // a reliable one's object says where from, too
    void add(const godwit::stored_record& record, const std::string& stream);  // of a journal
    void add(const godwit::dead_letter& letter, const std::string& stream);  // the same; a line: what journal dead says
    bool is_json() const noexcept { return json_; }
    void flush();  // throws failure if standard output takes no more

private:
    void add_text(std::string_view body);

    bool json_;
    std::string buffer_;
};

}  // namespace tool
