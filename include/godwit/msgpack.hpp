// codec<T> by msgpack, for every type that msgpack for C++ can pack: numbers, containers, tuples, structs with
// MSGPACK_DEFINE, MSGPACK_DEFINE_MAP or an adaptor of their own. Text and bytes are bodies as they are: no codec.
// What comes from a peer is not trusted: decode() checks it whole before it makes the first object. At most 32 levels,
// nothing behind the value, no count beyond the bytes that are there, so that memory stays within a multiple of the
// body's size (24 bytes for each of its bytes, and T's own). No exception leaves decode(); its failures are `malformed`
// and `no_resources`. Views inside T refer to the decoded bytes. Include it in few files: it takes seconds to compile.
#pragma once
#if !defined(MSGPACK_NO_BOOST)
#define MSGPACK_NO_BOOST
#endif
#include <msgpack.hpp>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "godwit/codec.hpp"
#include "godwit/message.hpp"
#include "godwit/result.hpp"

namespace godwit {

namespace detail {

inline constexpr std::size_t msgpack_depth_max = 32;

// Walks over one msgpack value without making anything of it.
class msgpack_walker {
public:
    explicit msgpack_walker(bytes data) noexcept : rest_{data} {}

    // What is wrong with the bytes, or null when they are one whole value.
    const char* fault() noexcept {
        while (true) {
            while (open_[depth_].items == 0) {
                if (depth_ == 0) return rest_.empty() ? nullptr : "there are bytes behind the value";
                --depth_;
            }
            --open_[depth_].items;
            if (const char* wrong = value()) return wrong;
        }
    }

private:
    struct container {
        std::uint64_t items = 0;  // still to come; the keys and the values of a map each count
        bool is_map = false;
    };

    const char* value() noexcept {
        if (rest_.empty()) return cut;
        const auto first = std::to_integer<unsigned>(rest_.front());
        rest_ = rest_.subspan(1);
        if (first < 0x80 || first >= 0xe0) return nullptr;
        if (first < 0x90) return enter(2 * (first & 15u), true);
        if (first < 0xa0) return enter(first & 15u, false);
        if (first < 0xc0) return skip(first & 31u);
        switch (first) {
            case 0xc0:
            case 0xc2:
            case 0xc3:
                return nullptr;
            case 0xc4:
            case 0xd9:
                return sized(1, 0);
            case 0xc5:
            case 0xda:
                return sized(2, 0);
            case 0xc6:
            case 0xdb:
                return sized(4, 0);
            case 0xc7:
                return sized(1, 1);
            case 0xc8:
                return sized(2, 1);
            case 0xc9:
                return sized(4, 1);
            case 0xca:
                return number<0x7f800000u, std::uint32_t>();
            case 0xcb:
                return number<0x7ff0000000000000u, std::uint64_t>();
            case 0xcc:
            case 0xd0:
                return skip(1);
            case 0xcd:
            case 0xd1:
                return skip(2);
            case 0xce:
            case 0xd2:
                return skip(4);
            case 0xcf:
            case 0xd3:
                return skip(8);
            case 0xd4:
            case 0xd5:
            case 0xd6:
            case 0xd7:
            case 0xd8:
                return skip(1 + (1u << (first - 0xd4)));
            case 0xdc:
            case 0xdd:
            case 0xde:
            case 0xdf:
                return counted(first);
            default:
                return "0xc1 begins no value";
        }
    }
    const char* skip(std::uint64_t count) noexcept {
        if (count > rest_.size()) return cut;
        rest_ = rest_.subspan(static_cast<std::size_t>(count));
        return nullptr;
    }
    // A big-endian number; the bytes must be there.
    std::uint64_t read(std::size_t width) noexcept {
        std::uint64_t number = 0;
        for (const std::byte each : rest_.first(width)) number = number << 8 | std::to_integer<std::uint64_t>(each);
        rest_ = rest_.subspan(width);
        return number;
    }
    const char* sized(std::size_t width, std::size_t further) noexcept {
        return rest_.size() < width ? cut : skip(read(width) + further);
    }
    const char* counted(unsigned first) noexcept {
        const std::size_t width = first % 2 == 0 ? 2 : 4;
        const bool is_map = first >= 0xde;
        if (rest_.size() < width) return cut;
        const std::uint64_t count = read(width);
        return enter(is_map ? 2 * count : count, is_map);
    }
    const char* enter(std::uint64_t items, bool is_map) noexcept {
        if (items > rest_.size()) return "a container claims more elements than there are bytes";
        if (depth_ == msgpack_depth_max) return "it is nested more than 32 levels deep";
        open_[++depth_] = {items, is_map};
        return nullptr;
    }
    // NaN as a key would break the order that std::map relies on.
    template <auto Infinity, class Bits>
    const char* number() noexcept {
        if (rest_.size() < sizeof(Bits)) return cut;
        const bool is_nan = (read(sizeof(Bits)) & (static_cast<Bits>(-1) >> 1)) > Infinity;
        const bool is_key = open_[depth_].is_map && open_[depth_].items % 2 == 1;
        return is_nan && is_key ? "a key of a map is not a number" : nullptr;
    }

    static constexpr const char* cut = "it ends in the middle of a value";

    bytes rest_;
    std::size_t depth_ = 0;
    std::array<container, msgpack_depth_max + 1> open_{{{1, false}}};
};

struct msgpack_sink {
    std::string text;
    void write(const char* data, std::size_t size) { text.append(data, size); }
};

template <class T>
concept msgpack_body = !std::is_pointer_v<T> && !std::is_null_pointer_v<T> && !std::is_member_pointer_v<T> &&
                       !std::convertible_to<const T&, std::string_view> && !std::convertible_to<const T&, bytes> &&
                       !std::convertible_to<const T&, const message&>;

}  // namespace detail

template <class T>
struct codec<T, std::enable_if_t<detail::msgpack_body<T>>> {
    static std::string encode(const T& value) {
        detail::msgpack_sink sink;
        ::msgpack::pack(sink, value);
        return std::move(sink.text);
    }

    static result<T> decode(std::span<const std::byte> data) {
        const auto refer = [](::msgpack::type::object_type, std::size_t, void*) { return true; };
        const std::size_t size = data.size();
        if (const char* wrong = detail::msgpack_walker{data}.fault()) return malformed(wrong);
        try {
            const auto whole =
                ::msgpack::unpack(reinterpret_cast<const char*>(data.data()), size, refer, nullptr,
                                  ::msgpack::unpack_limit(size, size, size, size, size, detail::msgpack_depth_max));
            return result<T>{std::in_place, whole.get().template as<T>()};
        } catch (const std::bad_alloc&) {
            return error{errc::no_resources, "message body", "the process is out of memory"};
        } catch (const ::msgpack::type_error&) {
            return malformed("it is msgpack, but of another type than the one asked for");
        } catch (const std::exception& failure) {
            return malformed(failure.what());
        } catch (...) {
            return malformed("its type refuses it");
        }
    }

private:
    static error malformed(const char* reason) noexcept { return {errc::malformed, "message body", reason}; }
};

}  // namespace godwit
