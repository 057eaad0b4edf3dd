#include "core/carrier.hpp"

namespace godwit::detail {

result<std::string> carrier::dial(const endpoint& where, const std::optional<public_key>&) {
    return error{errc::unsupported, where.url(), "only a link gives names to what it dials"};
}

}  // namespace godwit::detail
