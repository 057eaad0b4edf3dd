// codec<T>: how a C++ type becomes a message body and comes back. Include godwit/msgpack.hpp to have it for every
// type with MSGPACK_DEFINE, or specialise it for a type of your own:
//   template <> struct godwit::codec<my_type> {
//       static std::string encode(const my_type&);                                   // may throw; nothing is sent then
//       static godwit::result<my_type> decode(std::span<const std::byte>);           // `malformed` for other bytes
//   };
#pragma once

namespace godwit {

template <class T, class Enable = void>
struct codec;

// Types that have a codec: what the typed send() takes.
template <class T>
concept encodable = requires(const T& value) {
    codec<T>::encode(value);
};

}  // namespace godwit
