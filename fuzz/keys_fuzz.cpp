// Keys, key files, lists of keys with their rights, and what libzmq hands back of an admission.
#include "base/access_state.hpp"
#include "base/key_file.hpp"
#include "godwit/access_list.hpp"
#include "require.hpp"

using namespace godwit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto key = public_key::parse(text)) {
        require(key->text() == text, "a key is spelled in one way");
        require(*key != public_key{}, "nobody's key is none");
    }
    detail::secret_bytes secret{};
    (void)detail::parse_key_file(text, "name", secret);
    (void)detail::parse_access_list(text, "name");
    (void)rights::parse(text);
    detail::admission parsed{};
    (void)detail::admission::parse(text, parsed);
    return 0;
}
