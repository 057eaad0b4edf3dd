// The bodies of the records of a state's stream: docs/transaction_format.md. What is read is checked before it is used.
// Threads: values.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

namespace change_format {

inline constexpr std::uint32_t magic = 0x58545747;  // GWTX
inline constexpr std::uint8_t version = 1;
inline constexpr std::size_t header_bytes = 24;
inline constexpr std::size_t body_bytes = 256u << 10;  // that a record is meant to have at most
inline constexpr std::size_t key_bytes_max = 65'535;
inline constexpr std::size_t beside_a_put = 9;  // its kind, and the sizes of key and value

enum class kind : std::uint8_t { changes = 1, picture_begins, picture_goes_on, picture_ends };
enum class item : std::uint8_t { put = 1, erased, marks, count };

}  // namespace change_format

// Of a transaction: a later one is greater.
struct transaction_number {
    std::uint64_t epoch = 0;  // the journal's
    std::uint64_t step = 0;   // 0: marks alone
    friend auto operator<=>(const transaction_number&, const transaction_number&) = default;
};

// `part`: of the changes of one transaction, from 0.
GODWIT_EXPORT std::string begin_changes(change_format::kind what, transaction_number number, std::uint16_t part = 0);
GODWIT_EXPORT void put_put(std::string& into, std::string_view key, std::string_view value);
GODWIT_EXPORT void put_erased(std::string& into, std::string_view key);
GODWIT_EXPORT void put_marks(std::string& into, std::string_view marks);
GODWIT_EXPORT void put_count(std::string& into, std::uint64_t keys);

struct change_header {
    change_format::kind what{};
    std::uint16_t part = 0;
    transaction_number number;
};
GODWIT_EXPORT result<change_header> decode_change_header(bytes body);  // `malformed`, `unsupported`

// Told in order; what a view refers to lives as long as the body.
struct change_reader {
    std::function<void(std::string_view key, std::string_view value)> put;
    std::function<void(std::string_view key)> erased;
    std::function<status(bytes marks)> marks;
    std::function<status(std::uint64_t keys)> count;
};
GODWIT_EXPORT status read_changes(bytes body, const change_reader& tell);  // `malformed`, or what it was told

}  // namespace godwit::detail
