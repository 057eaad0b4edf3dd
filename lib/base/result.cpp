#include "godwit/result.hpp"

#include <iterator>

#include "base/escape.hpp"

namespace godwit {

namespace {

struct meaning {
    std::string_view name;
    const char* text;  // what() of an error with nothing but a code: the name, then the sentence
};

// In the order of errc, which begins at 1.
constexpr meaning meanings[] = {
    {"invalid_argument", "invalid_argument: this value can never be right here"},
    {"invalid_endpoint", "invalid_endpoint: this URL cannot be used here"},
    {"insecure", "insecure: tcp beyond the loopback needs the option `insecure`"},
    {"address_in_use", "address_in_use: somebody listens there already"},
    {"not_found", "not_found: there is none such"},
    {"too_large", "too_large: this is above a limit"},
    {"too_late", "too_late: options cannot change after the first bind or connect"},
    {"timed_out", "timed_out: the deadline came first, nothing was taken"},
    {"cancelled", "cancelled: the stop token came first, nothing was taken"},
    {"closed", "closed: the socket or its context was closed"},
    {"forked", "forked: made before fork(), it cannot be used in the child"},
    {"unsupported", "unsupported: this socket, with these modules, cannot do that"},
    {"unreachable", "unreachable: the peer that this was meant for is gone"},
    {"malformed", "malformed: these bytes do not decode"},
    {"no_resources", "no_resources: the process or the system is out of descriptors, memory or threads"},
    {"io", "io: the operating system reports an error"},
    {"already_exists", "already_exists: it would be overwritten"},
    {"full", "full: a log has reached its limit in bytes"},
    {"gap", "gap: records are gone"},
    {"mismatch", "mismatch: the other side speaks another version, pattern or set of modules"},
    {"fenced", "fenced: a newer incarnation has taken this one's place"},
    {"conflict", "conflict: one identity with two contents"},
    {"would_deadlock", "would_deadlock: only the return of this callback can bring what it waits for"},
    {"expired", "expired: its time to live or its deadline ended first"},
    {"refused", "refused: a handler rejected it"},
    {"unknown", "unknown: it may have happened or not"},
    {"locked", "locked: it is open to write elsewhere"},
    {"corrupt", "corrupt: what was written is damaged"},
};
constexpr meaning newer{"unknown_code", "unknown_code: an error code from a newer version"};

constexpr const meaning& meaning_of(errc code) noexcept {
    const auto index = static_cast<std::size_t>(code) - 1;
    return index < std::size(meanings) ? meanings[index] : newer;
}
static_assert(meaning_of(errc::corrupt).name == "corrupt");

constexpr std::size_t value_bytes_max = 200;
constexpr std::size_t advice_bytes_max = 400;

}  // namespace

std::string_view name(errc code) noexcept { return meaning_of(code).name; }

struct error::detail {
    std::string text;
    std::size_t value_begin;
    std::size_t value_size;
};

error::error(errc code, std::string_view value, std::string_view advice) noexcept : code_{code} {
    try {
        const meaning& known = meaning_of(code);
        auto made = std::make_shared<detail>();
        std::string& text = made->text;
        text.append(known.name).append(": ");
        made->value_begin = text.size();
        godwit::detail::append_escaped(text, value, value_bytes_max);
        made->value_size = text.size() - made->value_begin;
        if (made->value_size != 0) text += ": ";
        if (advice.empty()) {
            text += known.text + known.name.size() + 2;
        } else {
            godwit::detail::append_escaped(text, advice, advice_bytes_max);
        }
        detail_ = std::move(made);
    } catch (...) {
        // Out of memory: the code has to be enough.
    }
}

error::error(const error&) noexcept = default;
error::error(error&&) noexcept = default;
error& error::operator=(const error&) noexcept = default;
error& error::operator=(error&&) noexcept = default;
error::~error() = default;

std::string_view error::value() const noexcept {
    if (detail_ == nullptr) return {};
    return std::string_view{detail_->text}.substr(detail_->value_begin, detail_->value_size);
}

const char* error::what() const noexcept { return detail_ != nullptr ? detail_->text.c_str() : meaning_of(code_).text; }

namespace detail {

void throw_error(const error& failure) { throw error(failure); }
void throw_no_error() { throw std::logic_error("godwit: error() of a result that holds a value"); }

}  // namespace detail

}  // namespace godwit
