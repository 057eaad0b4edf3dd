#include "godwit/key.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string>

#include "base/secret_key.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

// A pair from the CurveZMQ reference, as zmq_curve_keypair(3) prints it.
constexpr std::string_view known_text = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";

bool holds(const unsigned char* memory, std::size_t size, unsigned char byte, std::size_t times) {
    const std::string wanted(times, static_cast<char>(byte));
    return std::string_view{reinterpret_cast<const char*>(memory), size}.find(wanted) != std::string_view::npos;
}

}  // namespace

TEST_CASE("a public key goes to text and back") {
    const auto key = public_key::parse(known_text);
    REQUIRE(key);
    REQUIRE(key->text() == known_text);
    REQUIRE(*key == public_key{key->raw()});
    REQUIRE(*key != public_key{});
}

TEST_CASE("what is no public key is malformed, and the error does not repeat it") {
    const std::string all_zero(40, '0');
    for (const std::string& text : {std::string{}, std::string{known_text.substr(1)}, std::string{known_text} + "1",
                                    std::string{known_text.substr(0, 39)} + ",", all_zero}) {
        const auto key = public_key::parse(text);
        REQUIRE(key.failed(errc::malformed));
        if (!text.empty()) REQUIRE(std::string_view{key.error().what()}.find(text) == std::string_view::npos);
    }
}

TEST_CASE("generated pairs differ, and their halves belong together after saving and loading") {
    const auto one = key_pair::generate();
    const auto other = key_pair::generate();
    REQUIRE(one);
    REQUIRE(other);
    REQUIRE(one->public_part() != other->public_part());
    REQUIRE(one->public_part() != public_key{});
    REQUIRE_FALSE(std::ranges::equal(key_access::secret(*one).raw(), key_access::secret(*other).raw()));
}

TEST_CASE("row 93: the secret is wiped when it goes") {
    alignas(secret_key) unsigned char memory[sizeof(secret_key)];
    std::array<std::byte, public_key::size> secret;
    secret.fill(std::byte{0xa5});
    auto* const key = new (memory) secret_key{secret, public_key{}};
    REQUIRE(holds(memory, sizeof memory, 0xa5, 32));
    key->~secret_key();
    // Read anew, as a dump of the memory would show it.
    unsigned char after[sizeof memory];
    for (std::size_t i = 0; i < sizeof memory; ++i) after[i] = const_cast<volatile unsigned char*>(memory)[i];
    REQUIRE_FALSE(holds(after, sizeof after, 0xa5, 2));
}

TEST_CASE("copies of a pair share its secret, and one that was moved from is nobody's") {
    auto pair = key_pair::generate();
    REQUIRE(pair);
    key_pair copy = *pair;
    REQUIRE(key_access::secret(copy).raw().data() == key_access::secret(*pair).raw().data());
    const key_pair taken = std::move(copy);
    REQUIRE(copy.public_part() == public_key{});
    REQUIRE(taken.public_part() == pair->public_part());
}
