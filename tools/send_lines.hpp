// What push and pub share: each line of standard input becomes a message.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "godwit/message.hpp"
#include "godwit/receipt.hpp"
#include "godwit/result.hpp"
#include "interruption.hpp"
#include "options.hpp"

namespace tool {

// Takes a first part of the messages, as send_many() does, and returns how many.
using send_function = std::function<godwit::result<std::size_t>(std::span<const godwit::message>)>;
using send_one_function = std::function<godwit::result<godwit::receipt>(const godwit::message&)>;

// Returns at the end of input, or when interrupted. Throws failure with the number of lines that were read and not
// taken.
void send_lines(const options& options, std::string_view topic, const interruption& interrupted,
                const send_function& send);
void send_lines_one_by_one(const options& options, std::string_view topic, const interruption& interrupted,
                           const send_one_function& send);

}  // namespace tool
