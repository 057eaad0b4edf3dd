// secret_key: the half of a key pair that nobody else may see, wiped when it goes. secret_buffer: the same for what it
// passes through. key_access: who may look at it.
#pragma once
#include <string.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "godwit/key.hpp"

namespace godwit::detail {

template <class T, std::size_t Size>
struct secret_buffer {
    std::array<T, Size> bytes{};

    secret_buffer() noexcept = default;
    secret_buffer(const secret_buffer&) = delete;
    secret_buffer& operator=(const secret_buffer&) = delete;
    ~secret_buffer() { ::explicit_bzero(bytes.data(), sizeof bytes); }
};

using secret_bytes = secret_buffer<std::byte, public_key::size>;
using secret_text = secret_buffer<char, public_key::text_size + 1>;  // with a NUL at its end

class GODWIT_EXPORT secret_key {
public:
    secret_key(std::span<const std::byte, public_key::size> secret, const public_key& open) noexcept;
    std::span<const std::byte, public_key::size> raw() const noexcept { return secret_.bytes; }
    const public_key& open() const noexcept { return open_; }

private:
    secret_bytes secret_;
    public_key open_;
};

}  // namespace godwit::detail

namespace godwit {

struct GODWIT_EXPORT key_access {
    static key_pair make(std::span<const std::byte, public_key::size> secret, const public_key& open);
    static const detail::secret_key& secret(const key_pair& pair) noexcept { return *pair.secret_; }
};

}  // namespace godwit
