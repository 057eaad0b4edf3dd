#include "godwit/dedup_store.hpp"

#include <algorithm>

#include "base/checksum.hpp"

namespace godwit {

dedup_store::~dedup_store() = default;

std::string_view name(claimed what) noexcept {
    switch (what) {
        case claimed::fresh:
            return "fresh";
        case claimed::in_hand:
            return "in_hand";
        case claimed::done:
            return "done";
        case claimed::too_old:
            return "too_old";
        case claimed::conflict:
            return "conflict";
    }
    return "unknown";
}

status chosen_id::check() const {
    if (!id.empty() && id.size() <= id_bytes_max) return {};
    return error{errc::invalid_argument, std::to_string(id.size()) + " bytes", "an id has 1 to 1,024"};
}

std::uint64_t chosen_id::content_digest() const noexcept {
    return content.empty() ? 0 : std::max<std::uint64_t>(1, detail::digest(content));
}

status id_window::check() const {
    const auto wrong = [](std::string_view field, std::int64_t value, std::string_view bounds) {
        return error{errc::invalid_argument, std::string{field} + " = " + std::to_string(value), bounds};
    };
    if (ids_max < 1 || ids_max > 100'000'000)
        return wrong("ids_max", static_cast<std::int64_t>(ids_max), "1 to 100,000,000");
    if (bytes_max < 4096 || bytes_max > std::uint64_t{64} << 30)
        return wrong("bytes_max", static_cast<std::int64_t>(bytes_max), "4 KiB to 64 GiB");
    if (age_max < std::chrono::milliseconds{1} || age_max > std::chrono::hours{24} * 3660)
        return wrong("age_max in ms", age_max.count(), "1 ms to 10 years");
    return {};
}

}  // namespace godwit
