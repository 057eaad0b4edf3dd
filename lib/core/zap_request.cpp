#include "core/zap_request.hpp"

#include <charconv>

namespace godwit::detail {

namespace {

enum frame : std::size_t { version, id, domain, address, routing_id, mechanism, credentials };

std::optional<unsigned> take_last_number(std::string_view& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    const std::string_view digits = text.substr(colon + 1);
    unsigned number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
    text = text.substr(0, colon);
    return number;
}

}  // namespace

std::optional<zap_request> parse_zap_request(std::span<const std::string> frames) {
    if (frames.size() <= mechanism || frames[version] != "1.0") return std::nullopt;
    zap_request parsed{frames[id], frames[domain], frames[address], {}};
    if (frames[mechanism] == "NULL" && frames.size() == credentials) return parsed;
    if (frames[mechanism] != "CURVE" || frames.size() != credentials + 1) return std::nullopt;
    if (frames[credentials].size() != public_key::size) return std::nullopt;
    const auto raw = std::as_bytes(std::span{frames[credentials]});
    parsed.key = public_key{raw.first<public_key::size>()};
    if (*parsed.key == public_key{}) return std::nullopt;
    return parsed;
}

std::optional<ipc_peer> parse_ipc_address(std::string_view address) {
    const auto pid = take_last_number(address);
    const auto gid = pid ? take_last_number(address) : std::nullopt;
    const auto uid = gid ? take_last_number(address) : std::nullopt;
    if (!uid) return std::nullopt;
    return ipc_peer{*uid, *pid};
}

}  // namespace godwit::detail
