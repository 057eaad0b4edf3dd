// MessagePack bodies into several types: they decode or are malformed, cost no more than a multiple of their size, and
// what decodes encodes to bytes that decode to the same.
#include "godwit/msgpack.hpp"

#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include "require.hpp"

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*));

namespace {

std::size_t allocated = 0;
[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t size) { allocated += size; }, [](const volatile void*) {});

struct order {
    int number = 0;
    std::string bird;
    std::vector<double> prices;
    MSGPACK_DEFINE(number, bird, prices)
};

struct book {
    std::map<std::string, order> orders;
    std::optional<std::int64_t> last;
    MSGPACK_DEFINE_MAP(orders, last)
};

template <class T>
void try_as(godwit::bytes body, std::size_t each) {
    const auto before = allocated;
    const auto value = godwit::codec<T>::decode(body);
    // Two growing buffers: msgpack's objects (24 bytes for each byte, in chunks of 8 KiB), and T's own.
    require(allocated - before <= 32'768 + (64 + each) * body.size(), "memory is bounded by the body's size");
    if (!value) return require(value.failed(godwit::errc::malformed), "what does not decode is malformed");
    const auto once = godwit::codec<T>::encode(*value);
    const auto again = godwit::codec<T>::decode(godwit::as_bytes(once));
    require(again.has_value() && godwit::codec<T>::encode(*again) == once, "what decodes encodes again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::bytes body{reinterpret_cast<const std::byte*>(data), size};
    try_as<std::int64_t>(body, 8);
    try_as<double>(body, 8);
    try_as<order>(body, sizeof(order) + 64);
    try_as<book>(body, 512);
    try_as<std::vector<std::vector<int>>>(body, 2 * sizeof(std::vector<int>));
    try_as<std::map<double, std::tuple<int, bool>>>(body, 128);
    try_as<std::vector<std::optional<std::vector<char>>>>(body, 2 * sizeof(std::optional<std::vector<char>>));
    return 0;
}
