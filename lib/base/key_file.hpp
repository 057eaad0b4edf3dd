// key_file: the file of a secret key, see godwit/key.hpp. Threads: stateless. Blocks on files.
#pragma once
#include <filesystem>
#include <string_view>

#include "base/secret_key.hpp"

namespace godwit::detail {

// The text of a key file, pure: the secret, or what is wrong. `name` is the file's. `malformed`.
GODWIT_EXPORT status parse_key_file(std::string_view text, std::string_view name, secret_bytes& secret);
// As key_pair::load; the public part is the caller's to find.
GODWIT_EXPORT status load_secret(const std::filesystem::path& file, secret_bytes& secret);

}  // namespace godwit::detail
