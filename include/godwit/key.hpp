// public_key, key_pair: who a process is on an encrypted link (CURVE: CurveZMQ, rfc.zeromq.org/spec/26).
// Text form: Z85 (rfc.zeromq.org/spec/32), 40 characters. A key file holds the secret key as one line of Z85, with lines
// that begin with '#' before it; FILE.pub beside it holds the public one. The secret is in no error, event or log, and
// its memory is wiped when the last copy goes. Threads: value types, like std::string.
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "godwit/export.hpp"
#include "godwit/result.hpp"

namespace godwit {

namespace detail {
class secret_key;
}

class GODWIT_EXPORT public_key {
public:
    static constexpr std::size_t size = 32;
    static constexpr std::size_t text_size = 40;

    public_key() noexcept = default;  // all zero: nobody's
    explicit public_key(std::span<const std::byte, size> raw) noexcept;
    static result<public_key> parse(std::string_view text);  // `malformed`, also for all zero
    std::string text() const;
    std::span<const std::byte, size> raw() const noexcept { return raw_; }
    friend auto operator<=>(const public_key&, const public_key&) noexcept = default;

private:
    std::array<std::byte, size> raw_{};
};

class GODWIT_EXPORT key_pair {
public:
    static result<key_pair> generate();  // `unsupported` where libzmq was built without CURVE, `no_resources`

    // Refuses, naming the file and the reason: `not_found`; `insecure` for a file that anybody but its owner can read or
    // write, that belongs to another user, or that is a link; `malformed` for anything but one key; `io`. Blocks on files.
    static result<key_pair> load(const std::filesystem::path& file);
    // Writes `file` (mode 0600) and `file`.pub, synced. `already_exists` if there is either, and nothing changes; `io`.
    status save(const std::filesystem::path& file) const;

    const public_key& public_part() const noexcept;

private:
    friend struct key_access;
    explicit key_pair(std::shared_ptr<const detail::secret_key> secret) noexcept;
    std::shared_ptr<const detail::secret_key> secret_;
};

}  // namespace godwit
