#include "godwit/key.hpp"

#include <algorithm>

#include "base/secret_key.hpp"
#include "base/z85.hpp"

namespace godwit {

namespace detail {

secret_key::secret_key(std::span<const std::byte, public_key::size> secret, const public_key& open) noexcept
    : open_{open} {
    std::copy(secret.begin(), secret.end(), secret_.bytes.begin());
}

}  // namespace detail

public_key::public_key(std::span<const std::byte, size> raw) noexcept {
    std::copy(raw.begin(), raw.end(), raw_.begin());
}

// The text is in no error: it may be a secret key, given by mistake.
result<public_key> public_key::parse(std::string_view text) {
    if (text.size() != text_size) {
        return error{errc::malformed, "a key of " + std::to_string(text.size()) + " characters",
                     "a public key has 40 characters of Z85"};
    }
    public_key parsed;
    if (!detail::z85_decode(text, parsed.raw_)) {
        return error{errc::malformed, "a public key", "it is not Z85: 40 characters, as `godwit keygen` prints them"};
    }
    if (parsed == public_key{}) return error{errc::malformed, "a public key", "all zero is nobody's key"};
    return parsed;
}

std::string public_key::text() const {
    std::string text(text_size, '\0');
    detail::z85_encode(raw_, text);
    return text;
}

key_pair::key_pair(std::shared_ptr<const detail::secret_key> secret) noexcept : secret_{std::move(secret)} {}

// One that was moved from is nobody's.
const public_key& key_pair::public_part() const noexcept {
    static constexpr public_key nobody{};
    return secret_ ? secret_->open() : nobody;
}

key_pair key_access::make(std::span<const std::byte, public_key::size> secret, const public_key& open) {
    return key_pair{std::make_shared<const detail::secret_key>(secret, open)};
}

}  // namespace godwit
