#include "journal/segment_ends.hpp"

#include <algorithm>

#include "journal/segment_writer.hpp"

namespace godwit::detail {

namespace jf = journal_format;

namespace {

constexpr std::size_t identity_bytes_max = 64u << 10;
constexpr std::string_view advice =
    "nothing was changed: restore it from a backup, or see what godwit journal verify says";

status read_header(directory& in, segment_ends& one, const journal_identity* of) {
    std::array<std::byte, jf::header_bytes> start{};
    const auto got = one.content->read(0, start);
    if (!got) return got.error();
    auto header = decode_header(bytes{start}.first(*got));
    const std::string name = segment_name(one.number);
    if (!header) {
        if (header.failed(errc::unsupported)) return header.error();
        one.unused = one.size <= jf::header_bytes;
        return one.unused ? status{} : damage_of(in, name, "its header does not pass", advice);
    }
    one.header = *header;
    if (one.header.number != one.number || (of != nullptr && !of->owns(one.number, one.header.journal)))
        return damage_of(in, name, "it is another journal's, or has another's name", advice);
    return {};
}

status read_footer(segment_ends& one) {
    std::array<std::byte, jf::tail_bytes> tail{};
    const auto tail_at = one.size - std::min<std::uint64_t>(one.size, tail.size());
    const auto tail_got = one.content->read(tail_at, tail);
    if (!tail_got) return tail_got.error();
    const std::uint32_t size = footer_size(bytes{tail}.first(*tail_got));
    if (size == 0 || size > one.size - jf::header_bytes) return {};
    std::vector<std::byte> image(size);
    const auto image_got = one.content->read(one.size - size, image);
    if (!image_got) return image_got.error();
    if (auto footer = decode_footer(bytes{image}.first(*image_got), one.header.seed)) {
        one.footer = std::move(*footer);
    } else if (footer.failed(errc::unsupported)) {
        return footer.error();
    }
    return {};
}

}  // namespace

error damage_of(const directory& in, std::string_view name, std::string_view what, std::string_view how_to_go_on) {
    return error{errc::corrupt, std::string{in.path()} + "/" + std::string{name} + ": " + std::string{what},
                 how_to_go_on};
}

result<segment_ends> read_ends(directory& in, std::uint64_t number, const journal_identity* of) {
    segment_ends one;
    one.number = number;
    auto opened = in.open(segment_name(number), file_use::read);
    if (!opened) return opened.error();
    one.content = std::move(*opened);
    const auto size = one.content->size();
    if (!size) return size.error();
    one.size = *size;
    if (auto read = read_header(in, one, of); !read) return read.error();
    if (one.unused) return one;
    if (auto read = read_footer(one); !read) return read.error();
    return one;
}

std::vector<std::uint64_t> segment_numbers(const std::vector<std::string>& names) {
    std::vector<std::uint64_t> numbers;
    for (const std::string& name : names) {
        if (std::uint64_t number = 0; is_segment_name(name, number)) numbers.push_back(number);
    }
    std::ranges::sort(numbers);
    return numbers;
}

result<journal_identity> read_identity(directory& in) {
    const auto image = read_whole(in, "identity", identity_bytes_max);
    if (!image) return image.error();
    auto identity = decode_identity(*image);
    if (identity.failed(errc::malformed)) return damage_of(in, "identity", "it does not pass", advice);
    return identity;
}

status decode_entry(const segment_walk& walk, decoded_entry& out) {
    out.head = walk.head();
    if (auto decoded = decode_content(walk.whole(), out); !decoded) return decoded;
    if (is_carried(out) && out.notes.front().content.size() != out.batches.size() * sizeof(std::int64_t))
        return error{errc::malformed, "an entry: not each of its copies has a time"};
    return {};
}

std::vector<std::int64_t> first_appended(const decoded_entry& what) {
    if (is_carried(what)) return decode_carried(what.notes.front().content);
    return std::vector<std::int64_t>(what.batches.size(), what.head.when);
}

void add_rows(const decoded_entry& what, segment_rows& to) {
    to.add(what.head);
    for (const batch_view& batch : what.batches) is_carried(what) ? to.add_carried(batch) : to.add(batch);
}

status apply_entry(const segment_walk& walk, decoded_entry& out, journal_state& state) {
    if (auto decoded = decode_entry(walk, out); !decoded) return decoded;
    for (const auto& said : out.notes) {
        if (auto applied = state.apply(said); !applied) return applied;
    }
    if (!is_carried(out)) {
        for (const batch_view& batch : out.batches) state.wrote(batch);
        return {};
    }
    const auto when = first_appended(out);
    for (std::size_t i = 0; i < out.batches.size(); ++i)
        state.carried(out.batches[i], walk.segment(), walk.begin(), when[i]);
    return {};
}

}  // namespace godwit::detail
