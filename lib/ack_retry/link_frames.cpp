#include "ack_retry/link_frames.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "ack_retry/envelope.hpp"
#include "ack_retry/link_layout.hpp"

namespace godwit::detail {

namespace {

static_assert(std::variant_size_v<link_content> == envelope::kind_max);

template <class T>
using wire = typename std::conditional_t<std::is_enum_v<T>, std::underlying_type<T>, std::type_identity<T>>::type;

class envelope_writer {
public:
    explicit envelope_writer(std::vector<std::byte>& into) : into_{into} {}

    template <class T>
    void number(const T& field, std::string_view, std::uint64_t, std::uint64_t) {
        if constexpr (std::is_same_v<T, bool>) {
            put(static_cast<std::uint8_t>(field));
        } else {
            put(static_cast<wire<T>>(field));
        }
    }
    void text(const std::string& field, std::string_view, std::size_t) {
        put(static_cast<std::uint32_t>(field.size()));
        const auto data = as_bytes(field);
        into_.insert(into_.end(), data.begin(), data.end());
    }
    template <class T, class F>
    void list(const std::vector<T>& field, std::string_view, std::size_t, std::size_t, F&& element) {
        put(static_cast<std::uint32_t>(field.size()));
        for (const auto& one : field) element(one);
    }

private:
    template <class T>
    void put(T value) {
        const auto at = into_.size();
        into_.resize(at + sizeof value);
        envelope::store(into_.data() + at, value);
    }

    std::vector<std::byte>& into_;
};

// Stops at the first field that cannot be: nothing behind it is read.
class envelope_reader {
public:
    explicit envelope_reader(bytes content) : rest_{content} {}

    template <class T>
    void number(T& field, std::string_view name, std::uint64_t least, std::uint64_t most) {
        using raw = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, wire<T>>;
        if (failed()) return;
        if (rest_.size() < sizeof(raw)) return fail(errc::malformed, name);
        const auto value = envelope::load<raw>(rest_.data());
        rest_ = rest_.subspan(sizeof(raw));
        if (value < least || value > most) return fail(errc::malformed, name);
        field = static_cast<T>(value);
    }
    void text(std::string& field, std::string_view name, std::size_t most) {
        const auto size = length(name, most, 1);
        if (failed()) return;
        field = as_text(rest_.first(size));
        rest_ = rest_.subspan(size);
    }
    template <class T, class F>
    void list(std::vector<T>& field, std::string_view name, std::size_t most, std::size_t smallest, F&& element) {
        const auto count = length(name, most, smallest);
        if (failed() || count == 0) return;
        field.resize(count);
        for (auto& one : field) {
            element(one);
            if (failed()) return;
        }
    }

    bool failed() const noexcept { return !where_.empty(); }
    bool at_end() const noexcept { return rest_.empty(); }
    error why() const { return {code_, where_, "a field of a link's envelope cannot have that value"}; }

private:
    std::size_t length(std::string_view name, std::size_t most, std::size_t each) {
        std::uint32_t count = 0;
        number(count, name, 0, layout::any);
        if (failed()) return 0;
        if (count > most) return fail(errc::too_large, name), 0;
        if (count > rest_.size() / each) return fail(errc::malformed, name), 0;
        return count;
    }
    void fail(errc code, std::string_view name) {
        code_ = code;
        where_ = name;
    }

    bytes rest_;
    errc code_ = errc::malformed;
    std::string_view where_;
};

template <std::size_t Index = 0>
void make(std::size_t index, link_content& into) {
    if constexpr (Index < std::variant_size_v<link_content>) {
        if (index == Index) {
            into.emplace<Index>();
        } else {
            make<Index + 1>(index, into);
        }
    }
}

error malformed(std::string_view field) { return {errc::malformed, field, "not the envelope of a link"}; }

// Everything of the head but the version, which is told apart first.
status check_head(bytes whole) {
    using namespace envelope;
    if (load<std::uint32_t>(whole.data() + bytes_at) != whole.size()) return malformed("bytes");
    if (load<std::uint16_t>(whole.data() + flags_at) != 0) return malformed("flags");
    if (load<std::uint32_t>(whole.data() + reserved_at) != 0) return malformed("reserved");
    if (load<std::uint64_t>(whole.data() + checksum_at) != checksum(whole)) return malformed("checksum");
    const auto kind = load<std::uint8_t>(whole.data() + kind_at);
    if (kind < kind_min || kind > kind_max) return malformed("kind");
    return {};
}

}  // namespace

void encode(const link_frame& what, std::vector<std::byte>& into) {
    using namespace envelope;
    into.assign(head_bytes, std::byte{0});
    envelope_writer io{into};
    std::visit([&](const auto& content) { layout::fields(io, content); }, what.content);
    std::byte* const head = into.data();
    store(head + magic_at, magic);
    store(head + version_at, link_version);
    store(head + kind_at, static_cast<std::uint8_t>(what.content.index() + kind_min));
    store(head + bytes_at, static_cast<std::uint32_t>(into.size()));
    store(head + tag_at, what.tag);
    store(head + checksum_at, checksum(into));
}

bool looks_like_link(bytes envelope) noexcept {
    return envelope.size() >= sizeof envelope::magic &&
           envelope::load<std::uint32_t>(envelope.data() + envelope::magic_at) == envelope::magic;
}

result<link_frame> decode(bytes whole) {
    if (!looks_like_link(whole)) return malformed("magic");
    if (whole.size() < envelope::head_bytes) return malformed("head");
    if (whole.size() > envelope::bytes_max) {
        return error{errc::too_large, std::to_string(whole.size()) + " bytes", "an envelope has 1 MiB at most"};
    }
    const auto version = envelope::load<std::uint8_t>(whole.data() + envelope::version_at);
    if (version != link_version) {
        return error{errc::unsupported, "version " + std::to_string(version), "this side speaks version 1"};
    }
    if (auto good = check_head(whole); !good) return good.error();
    result<link_frame> made{std::in_place};
    link_frame& frame = made.value();
    frame.tag = envelope::load<std::uint64_t>(whole.data() + envelope::tag_at);
    make(envelope::load<std::uint8_t>(whole.data() + envelope::kind_at) - std::size_t{envelope::kind_min},
         frame.content);
    envelope_reader io{whole.subspan(envelope::head_bytes)};
    std::visit([&](auto& content) { layout::fields(io, content); }, frame.content);
    if (io.failed()) return io.why();
    if (!io.at_end()) return malformed("end");
    return made;
}

}  // namespace godwit::detail
