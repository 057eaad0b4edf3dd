// The sending verbs that push shares with modules to come: one overload for each form in which a message comes.
#pragma once
#include <concepts>
#include <span>
#include <string_view>

#include "godwit/message.hpp"
#include "godwit/options.hpp"
#include "godwit/receipt.hpp"

namespace godwit {

// A value that goes through its codec: anything but text, bytes and messages.
template <class T>
concept typed_body = encodable<T> && !std::convertible_to<const T&, std::string_view> &&
                     !std::convertible_to<const T&, bytes> && !std::convertible_to<const T&, const message&>;

}  // namespace godwit
