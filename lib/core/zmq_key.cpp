#include <cerrno>

#include "base/key_file.hpp"
#include "base/z85.hpp"
#include "core/zmq_handle.hpp"

namespace godwit {

namespace {

error no_curve() { return {errc::unsupported, "CURVE", "this libzmq was built without it: install one that has it"}; }

}  // namespace

result<key_pair> key_pair::generate() {
    using namespace detail;
    char open[public_key::text_size + 1] = {};
    secret_text secret;
    secret_bytes raw;
    if (zmq_curve_keypair(open, secret.bytes.data()) != 0) {
        if (zmq_errno() == ENOTSUP) return no_curve();
        return error{errc::no_resources, "zmq_curve_keypair", zmq_strerror(zmq_errno())};
    }
    auto parsed = public_key::parse({open, public_key::text_size});
    if (!parsed) return parsed.error();
    z85_decode({secret.bytes.data(), public_key::text_size}, raw.bytes);
    return key_access::make(raw.bytes, *parsed);
}

// The file FILE.pub is not asked: the public part follows from the secret one.
result<key_pair> key_pair::load(const std::filesystem::path& file) {
    using namespace detail;
    secret_bytes raw;
    if (auto loaded = load_secret(file, raw); !loaded) return loaded.error();
    secret_text secret;
    z85_encode(raw.bytes, {secret.bytes.data(), public_key::text_size});
    char open[public_key::text_size + 1] = {};
    if (zmq_curve_public(open, secret.bytes.data()) != 0) {
        if (zmq_errno() == ENOTSUP) return no_curve();
        return error{errc::malformed, file.native(), "what is in it is no secret key"};
    }
    auto parsed = public_key::parse({open, public_key::text_size});
    if (!parsed) return parsed.error();
    return key_access::make(raw.bytes, *parsed);
}

}  // namespace godwit
