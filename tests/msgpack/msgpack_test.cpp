#include "godwit/msgpack.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "allocation_count.hpp"
#include "godwit/delivery.hpp"
#include "godwit/sender.hpp"
#include "test_main.hpp"

using godwit::as_bytes;
using godwit::codec;
using godwit::errc;
using godwit::test::allocated_bytes;
using namespace std::string_literals;

namespace {

enum class side { buy = 1, sell = 2 };

struct order {
    int number = 0;
    std::string bird;
    std::vector<double> prices;
    MSGPACK_DEFINE(number, bird, prices)
    bool operator==(const order&) const = default;
};

struct named {
    int number = 0;
    std::map<std::string, order> orders;
    MSGPACK_DEFINE_MAP(number, orders)
    bool operator==(const named&) const = default;
};

struct listed {
    std::optional<int> maybe;
    std::tuple<int, std::string> pair;
    MSGPACK_DEFINE_ARRAY(maybe, pair)
    bool operator==(const listed&) const = default;
};

struct dated {
    order base;
    side which = side::buy;
    MSGPACK_DEFINE(base, which)
    bool operator==(const dated&) const = default;
};

struct viewing {
    std::string_view text;
    MSGPACK_DEFINE(text)
};

struct refusing {
    void msgpack_unpack(const msgpack::object&) { throw 7; }
    template <class Packer>
    void msgpack_pack(Packer& packer) const {
        packer.pack_nil();
    }
};

struct foreign {
    int inner = 0;
    bool operator==(const foreign&) const = default;
};

template <class T>
godwit::result<T> decode(std::string_view data) {
    return codec<T>::decode(as_bytes(data));
}

std::string repeated(std::string_view part, int times) {
    std::string made;
    for (; times > 0; --times) made += part;
    return made;
}

template <class T>
void comes_back(const T& value) {
    const auto decoded = decode<T>(codec<T>::encode(value));
    REQUIRE(decoded.has_value());
    CHECK(*decoded == value);
}

}  // namespace

MSGPACK_ADD_ENUM(side)

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
    namespace adaptor {
    template <>
    struct pack<foreign> {
        template <class Stream>
        packer<Stream>& operator()(packer<Stream>& out, const foreign& value) const {
            return out.pack(value.inner);
        }
    };
    template <>
    struct convert<foreign> {
        const msgpack::object& operator()(const msgpack::object& in, foreign& value) const {
            value.inner = in.as<int>();
            return in;
        }
    };
    }  // namespace adaptor
}
}  // namespace msgpack

TEST_CASE("values of all sorts come back as they were") {
    comes_back(true);
    comes_back(7);
    comes_back(std::numeric_limits<std::int64_t>::min());
    comes_back(std::numeric_limits<std::uint64_t>::max());
    comes_back(0.25);
    comes_back(-1.5f);
    comes_back(std::vector<int>{1, -200, 70'000});
    comes_back(std::vector<std::string>(100, std::string(300, 's')));
    comes_back(std::vector<char>{'a', '\0'});
    comes_back(std::map<std::string, std::vector<int>>{{"a", {1}}, {"", {}}});
    comes_back(std::multimap<int, int>{{1, 1}, {1, 2}});
    comes_back(std::unordered_map<int, double>{{1, 2.5}});
    comes_back(std::set<int>{3, 1, 2});
    comes_back(std::tuple<int, std::string, bool>{1, "x", false});
    comes_back(std::optional<int>{});
    comes_back(std::optional<int>{5});
    comes_back(std::array<int, 3>{1, 2, 3});
    comes_back(side::sell);
    comes_back(order{7, "tern", {1.5, 2.5}});
    comes_back(named{1, {{"first", {7, "tern", {}}}}});
    comes_back(listed{3, {4, "five"}});
    comes_back(dated{{1, "godwit", {}}, side::sell});
    comes_back(foreign{9});
    comes_back(std::map<double, int>{{-std::numeric_limits<double>::infinity(), 1}, {0.5, 2}});
    CHECK(std::isnan(decode<double>(codec<double>::encode(NAN)).value()));
    CHECK(std::isnan(decode<std::map<int, float>>(codec<std::map<int, float>>::encode({{1, NAN}})).value().at(1)));
}

TEST_CASE("the bytes are msgpack's own") {
    CHECK(codec<int>::encode(7) == "\x07");
    CHECK(codec<std::vector<int>>::encode({1, 2}) == "\x92\x01\x02");
    CHECK(codec<order>::encode({1, "a", {}}) ==
          "\x93\x01\xa1"
          "a\x90");
    CHECK(decode<order>("\x93\xd2\x00\x00\x00\x05\xd9\x01"
                        "a\xdc\x00\x00"s)
              .value() == order{5, "a", {}});
}

TEST_CASE("text and bytes are bodies as they are, other types go through the codec") {
    using godwit::typed_body;
    STATIC_REQUIRE(typed_body<int>);
    STATIC_REQUIRE(typed_body<order>);
    STATIC_REQUIRE(typed_body<std::vector<int>>);
    STATIC_REQUIRE_FALSE(typed_body<std::string>);
    STATIC_REQUIRE_FALSE(typed_body<std::string_view>);
    STATIC_REQUIRE_FALSE(typed_body<const char*>);
    STATIC_REQUIRE_FALSE(typed_body<char[6]>);
    STATIC_REQUIRE_FALSE(typed_body<godwit::bytes>);
    STATIC_REQUIRE_FALSE(typed_body<std::vector<std::byte>>);
    STATIC_REQUIRE_FALSE(typed_body<godwit::message>);
    STATIC_REQUIRE_FALSE(typed_body<std::nullptr_t>);
    STATIC_REQUIRE_FALSE(typed_body<int*>);
}

TEST_CASE("a message gives its body as a type, or says malformed") {
    const godwit::message sent{std::string_view{codec<order>::encode({7, "tern", {1.0}})}};
    CHECK(sent.as<order>().value() == order{7, "tern", {1.0}});
    CHECK(sent.as<int>().failed(errc::malformed));
    CHECK(godwit::delivery{sent}.as<order>()->number == 7);
    CHECK(godwit::message{}.as<int>().failed(errc::malformed));
    CHECK(godwit::message{"plain text"}.as<order>().failed(errc::malformed));
}

TEST_CASE("views in a decoded value refer to the bytes") {
    const std::string body = codec<viewing>::encode({"some text that is long enough to be no small string"});
    const auto decoded = decode<viewing>(body);
    REQUIRE(decoded.has_value());
    CHECK(decoded->text.data() > body.data());
    CHECK(decoded->text.data() < body.data() + body.size());
}

TEST_CASE("the tests count what msgpack allocates") {
    const std::size_t before = allocated_bytes();
    const std::string data = codec<std::vector<int>>::encode(std::vector<int>(1000, 1));
    const auto unpacked = msgpack::unpack(data.data(), data.size());
    CHECK(allocated_bytes() - before >= 1000 * sizeof(msgpack::object));
}

TEST_CASE("hostile bytes are malformed, and cost no memory beyond a multiple of their size") {
    const std::string deep(1'000'000, '\x91');
    const std::string many_deep = std::string(1'000'000, '\x91') + '\xc0';
    const std::pair<const char*, std::string> cases[] = {
        {"nothing", ""},
        {"array32 of 2^32-1", "\xdd\xff\xff\xff\xff"s},
        {"array32 of 2^28-1", "\xdd\x0f\xff\xff\xff"s},
        {"map32 of 2^32-1", "\xdf\xff\xff\xff\xff"s},
        {"map32 of 2^31", "\xdf\x80\x00\x00\x00"s},
        {"array16 of 65535", "\xdc\xff\xff"s},
        {"map16 of 65535", "\xde\xff\xff"s},
        {"array of one with nothing", "\x91"s},
        {"map of one with half", "\x81\x01"s},
        {"a million levels, cut", deep},
        {"a million levels", many_deep},
        {"33 levels", std::string(33, '\x91') + '\xc0'},
        {"33 levels of maps", repeated("\x81\x01", 33) + '\xc0'},
        {"str8 beyond the rest",
         "\xd9\x05"
         "abc"s},
        {"str16 beyond the rest",
         "\xda\xff\xff"
         "abc"s},
        {"str32 beyond the rest",
         "\xdb\xff\xff\xff\xff"
         "abc"s},
        {"fixstr beyond the rest",
         "\xa4"
         "abc"s},
        {"bin8 beyond the rest",
         "\xc4\xff"
         "abc"s},
        {"bin16 beyond the rest",
         "\xc5\xff\xff"
         "abc"s},
        {"bin32 beyond the rest",
         "\xc6\xff\xff\xff\xff"
         "abc"s},
        {"ext8 beyond the rest",
         "\xc7\x03\x01"
         "ab"s},
        {"ext16 beyond the rest",
         "\xc8\xff\xff\x01"
         "ab"s},
        {"ext32 beyond the rest",
         "\xc9\xff\xff\xff\xff\x01"
         "ab"s},
        {"fixext16 cut",
         "\xd8\x01"
         "abc"s},
        {"fixext1 without a type", "\xd4"s},
        {"lengths cut", "\xdb\xff\xff"s},
        {"double cut", "\xcb\x00\x00"s},
        {"the byte that is never used", "\xc1"s},
        {"the byte that is never used, inside", "\x92\x01\xc1"s},
        {"bytes behind the value", "\x07\x07"s},
        {"a zero behind the value", "\x07\x00"s},
        {"NaN as a float key", "\x81\xca\x7f\xc0\x00\x00\x01"s},
        {"NaN as a double key", "\x81\xcb\xff\xf8\x00\x00\x00\x00\x00\x00\x01"s},
        // Each level claims as many elements as there are bytes, and the bytes end.
        {"nested claims", repeated("\xdd\x00\x00\xff\x00"s, 30) + std::string(65'300, '\xc0')},
    };
    for (const auto& [name, data] : cases) {
        CAPTURE(name);
        // Warm up what is made once, such as the text of the error.
        static_cast<void>(decode<int>(data));
        const auto check = [&]<class T>(std::type_identity<T>) {
            const std::size_t before = allocated_bytes();
            const auto decoded = decode<T>(data);
            const std::size_t used = allocated_bytes() - before;
            CHECK(decoded.failed(errc::malformed));
            CHECK(used <= 4096);
        };
        check(std::type_identity<int>{});
        check(std::type_identity<std::vector<int>>{});
        check(std::type_identity<std::map<double, int>>{});
        check(std::type_identity<order>{});
        check(std::type_identity<named>{});
    }
}

TEST_CASE("32 levels are allowed") {
    CHECK(godwit::detail::msgpack_walker{as_bytes(std::string(32, '\x91') + '\xc0')}.fault() == nullptr);
    const auto wrong_type = decode<int>(std::string(32, '\x91') + '\xc0');
    REQUIRE(wrong_type.failed(errc::malformed));
    CHECK(std::string{wrong_type.error().what()}.find("another type") != std::string::npos);
}

TEST_CASE("well-formed bytes of a wrong type are malformed") {
    CHECK(decode<int>("\xa1x").failed(errc::malformed));
    CHECK(decode<std::uint8_t>("\xcd\x01\x00"s).failed(errc::malformed));
    CHECK(decode<unsigned>("\xff").failed(errc::malformed));
    CHECK(decode<std::vector<int>>("\x07").failed(errc::malformed));
    CHECK(decode<std::vector<int>>("\x92\x01\xa1x").failed(errc::malformed));
    CHECK(decode<std::map<int, int>>("\x91\x01").failed(errc::malformed));
    CHECK(decode<order>("\x93\xa1x\x01\x90").failed(errc::malformed));
    CHECK(decode<bool>("\xc0").failed(errc::malformed));
    CHECK(decode<refusing>("\xc0").failed(errc::malformed));
}

TEST_CASE("what is well formed costs memory in proportion to its size") {
    const std::string many = "\xdd\x00\x01\x00\x00"s + std::string(65'536, '\x01');
    const std::size_t before = allocated_bytes();
    CHECK(decode<std::vector<int>>(many)->size() == 65'536);
    CHECK(allocated_bytes() - before <= 64 * many.size());
    // Of a wrong type: the value is walked and made into objects, and no more.
    const std::size_t between = allocated_bytes();
    CHECK(decode<viewing>(many).failed(errc::malformed));
    CHECK(allocated_bytes() - between <= 64 * many.size());
}

TEST_CASE("random bytes either decode or are malformed, and what decodes encodes again") {
    std::mt19937 random{99};
    const std::string seeds[] = {codec<named>::encode({1, {{"first", {7, "tern", {1.5}}}}}),
                                 codec<dated>::encode({{1, "godwit", {2.5}}, side::sell}),
                                 codec<listed>::encode({3, {4, "five"}})};
    int decoded = 0;
    for (int round = 0; round < 30'000; ++round) {
        std::string data = seeds[random() % std::size(seeds)];
        for (auto changes = random() % 3; changes > 0; --changes) {
            data[random() % data.size()] = static_cast<char>(random());
        }
        if (random() % 4 == 0) data.resize(random() % (data.size() + 2));
        const auto try_as = [&]<class T>(std::type_identity<T>) {
            const auto value = decode<T>(data);
            if (value) {
                // By their bytes: a NaN would not equal itself.
                ++decoded;
                const std::string again = codec<T>::encode(*value);
                REQUIRE(codec<T>::encode(decode<T>(again).value()) == again);
            } else {
                REQUIRE(value.failed(errc::malformed));
            }
        };
        try_as(std::type_identity<named>{});
        try_as(std::type_identity<dated>{});
        try_as(std::type_identity<listed>{});
    }
    CHECK(decoded > 1000);
}
