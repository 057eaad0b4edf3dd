// The scripts that peer programs run: one command a line on standard input, one line of answer each, "ok …" or
// "error …". Words are separated by single spaces; bytes are hexadecimal, "-" when there are none.
#pragma once
#include <charconv>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace script {

inline std::string hex(std::string_view data) {
    static constexpr char digits[] = "0123456789abcdef";
    if (data.empty()) return "-";
    std::string text;
    for (const char each : data) {
        text += digits[static_cast<unsigned char>(each) >> 4];
        text += digits[static_cast<unsigned char>(each) & 15];
    }
    return text;
}

inline std::string unhex(std::string_view text) {
    std::string data;
    if (text == "-") return data;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        unsigned value = 0;
        std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
        data += static_cast<char>(value);
    }
    return data;
}

inline std::size_t number(const std::string& text) { return std::stoull(text); }
inline std::chrono::milliseconds duration(const std::string& text) { return std::chrono::milliseconds{number(text)}; }

using words = std::vector<std::string>;
using commands = std::map<std::string, std::function<std::string(const words&)>, std::less<>>;

// Runs until standard input ends. A command that throws answers with an error and the script goes on.
inline int run(const commands& known) {
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        words arguments;
        std::istringstream rest{line};
        for (std::string word; rest >> word;) arguments.push_back(word);
        if (arguments.empty()) continue;
        std::string answer;
        try {
            const auto found = known.find(arguments.front());
            arguments.erase(arguments.begin());
            answer = found == known.end() ? "error unknown_command" : found->second(arguments);
        } catch (const std::exception& failure) {
            answer = std::string{"error exception "} + failure.what();
        }
        std::cout << answer << std::endl;
    }
    return 0;
}

// What a flood of numbered messages sends and a drain adds up: the number in eight bytes, then zeros.
inline std::string numbered(std::uint64_t value, std::size_t size) {
    std::string body(size < 8 ? 8 : size, '\0');
    for (std::size_t i = 0; i < 8; ++i) body[i] = static_cast<char>(value >> (8 * i));
    return body;
}

inline std::uint64_t number_in(std::string_view body) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8 && i < body.size(); ++i)
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(body[i])) << (8 * i);
    return value;
}

}  // namespace script
