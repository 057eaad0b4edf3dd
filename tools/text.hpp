// Bytes as text where they are text, and in base64 where they are not.
#pragma once
#include <string>
#include <string_view>

namespace tool {

bool is_utf8(std::string_view bytes) noexcept;
std::string base64(std::string_view bytes);   // RFC 4648, padded
std::string escaped(std::string_view bytes);  // for one line: what is no printable ASCII as \xNN

}  // namespace tool
