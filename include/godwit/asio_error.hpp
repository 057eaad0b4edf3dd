// asio_error: errors as std::error_code, for Asio's handlers. Compare with either list: `ec == godwit::errc::closed`, and
// for what was cancelled `ec == asio::error::operation_aborted` too. Threads: values.
#pragma once
#include <asio/error.hpp>
#include <string>
#include <system_error>

#include "godwit/result.hpp"

namespace godwit {

namespace asio::detail {

class errc_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "godwit"; }
    std::string message(int value) const override { return error{static_cast<errc>(value)}.what(); }
    bool equivalent(const std::error_code& code, int condition) const noexcept override {
        if (code == ::asio::error::operation_aborted) return static_cast<errc>(condition) == errc::cancelled;
        return code == std::error_code{condition, *this};
    }
};

}  // namespace asio::detail

inline const std::error_category& error_category() noexcept {
    static const asio::detail::errc_category only;
    return only;
}
inline std::error_condition make_error_condition(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

namespace asio::detail {

inline std::error_code code_of(const error& why) noexcept {
    if (why.code() == errc::cancelled) return ::asio::error::operation_aborted;
    return {static_cast<int>(why.code()), error_category()};
}

}  // namespace asio::detail

}  // namespace godwit

template <>
struct std::is_error_condition_enum<godwit::errc> : std::true_type {};
